import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Random;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.condition.IFunctionHandler;
import org.javarosa.core.model.data.*;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.reference.Reference;
import org.javarosa.core.reference.ReferenceFactory;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.services.IPropertyManager;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.services.properties.IPropertyRules;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormUtils;

/**
 * Fills forms in at random as ODK Collect does, with its engine, JavaRosa.
 *
 * Arguments: a folder of forms (NAME.xml, their files in NAME/) and how many sheets of each.
 * Writes NAME.filled/0.xml, what a phone would send, and 0.txt, the questions left blank that it holds required.
 * Prints a line for a form that does not open or fill: NAME, tab, why.
 */
public class Collect {
    static final Random random = new Random(3);

    public static void main(String[] args) throws Exception {
        PrintStream told = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        new JavaRosaCoreModule().registerModule();
        new XFormsModule().registerModule();
        PropertyManager.setPropertyManager(new Phone());
        try (var forms = Files.newDirectoryStream(Path.of(args[0]), "*.xml")) {
            for (Path form : forms) {
                String name = form.getFileName().toString().replace(".xml", "");
                ReferenceManager.instance().reset();
                ReferenceManager.instance().addReferenceFactory(new Media(form.resolveSibling(name)));
                try {
                    Path sheets = Files.createDirectories(form.resolveSibling(name + ".filled"));
                    for (int n = 0; n < Integer.parseInt(args[1]); n++)
                        fill(XFormUtils.getFormFromFormXml(form.toString(), null), sheets, n);
                } catch (Exception fault) {
                    told.println(name + "\t" + String.valueOf(fault.getMessage()).replaceAll("\\s+", " "));
                }
            }
        }
    }

    static void fill(FormDef form, Path sheets, int n) throws Exception {
        form.getEvaluationContext().addFunctionHandler(new PullData());
        FormEntryController entry = new FormEntryController(new FormEntryModel(form));
        form.initialize(true, new InstanceInitializationFactory());
        int rows = 0, event;
        while ((event = entry.stepToNextEvent()) != FormEntryController.EVENT_END_OF_FORM) {
            if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT && rows < 12 && random.nextInt(3) > 0) {
                entry.newRepeat();
                rows++;
            } else if (event == FormEntryController.EVENT_QUESTION) {
                ask(entry, entry.getModel().getQuestionPrompt());
            }
        }
        Files.write(sheets.resolve(n + ".txt"), lacking(entry));
        entry.finalizeFormEntry();
        form.postProcessInstance();
        try (InputStream sent = new XFormSerializingVisitor().createSerializedPayload(form.getInstance()).getPayloadStream()) {
            Files.write(sheets.resolve(n + ".xml"), sent.readAllBytes());
        }
    }

    /** Answers until the form takes it, or goes on; one question in five that is not required is passed. */
    static void ask(FormEntryController entry, FormEntryPrompt prompt) {
        if (prompt.isReadOnly() || (!prompt.isRequired() && random.nextInt(5) == 0)) return;
        for (int tries = 0; tries < 12; tries++) {
            IAnswerData answer = answer(prompt);
            if (answer == null || entry.answerQuestion(answer, true) == FormEntryController.ANSWER_OK) return;
        }
    }

    static List<String> lacking(FormEntryController entry) {
        List<String> names = new ArrayList<>();
        entry.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        int event;
        while ((event = entry.stepToNextEvent()) != FormEntryController.EVENT_END_OF_FORM) {
            if (event != FormEntryController.EVENT_QUESTION) continue;
            FormEntryPrompt prompt = entry.getModel().getQuestionPrompt();
            if (prompt.isRequired() && !prompt.isReadOnly() && prompt.getAnswerValue() == null)
                names.add(prompt.getIndex().getReference().getNameLast());
        }
        return names;
    }

    static IAnswerData answer(FormEntryPrompt prompt) {
        int control = prompt.getControlType();
        List<SelectChoice> choices = prompt.getSelectChoices();
        if (choices != null) {
            if (choices.isEmpty()) return null;
            if (control == Constants.CONTROL_SELECT_ONE) return new SelectOneData(choices.get(random.nextInt(choices.size())).selection());
            List<Selection> kept = new ArrayList<>();
            for (SelectChoice choice : choices)
                if (control == Constants.CONTROL_RANK || random.nextInt(3) == 0) kept.add(choice.selection());
            if (kept.isEmpty()) return null;
            return control == Constants.CONTROL_RANK ? new MultipleItemsData(kept) : new SelectMultiData(kept);
        }
        if (control == Constants.CONTROL_TRIGGER) return new StringData("OK");
        return switch (prompt.getDataType()) {
            case Constants.DATATYPE_INTEGER -> new IntegerData(random.nextInt(random.nextBoolean() ? 12 : 200));
            case Constants.DATATYPE_LONG -> new LongData(random.nextInt(2000));
            case Constants.DATATYPE_DECIMAL -> new DecimalData(random.nextInt(100_000) / 100.0);
            case Constants.DATATYPE_DATE -> new DateData(moment());
            case Constants.DATATYPE_DATE_TIME -> new DateTimeData(moment());
            case Constants.DATATYPE_TIME -> new TimeData(moment());
            case Constants.DATATYPE_GEOPOINT -> new GeoPointData(new double[] {30 + random.nextDouble(), -9 + random.nextDouble(), 500, 4.5});
            case Constants.DATATYPE_GEOTRACE -> new GeoTraceData().cast(new UncastData("33.5 -7.6 0 0; 33.6 -7.5 0 0"));
            case Constants.DATATYPE_GEOSHAPE -> new GeoShapeData().cast(new UncastData("33.5 -7.6 0 0; 33.6 -7.5 0 0; 33.7 -7.4 0 0; 33.5 -7.6 0 0"));
            case Constants.DATATYPE_BINARY -> new StringData("photo" + random.nextInt(1000) + ".jpg");
            default -> new StringData(List.of("0612345678", "Amina", "12", "فاطمة الزهراء", "l’été & <co> \"x\"", "a  b", "😀").get(random.nextInt(7)));
        };
    }

    static Date moment() {
        return Date.from(Instant.parse("2026-03-01T09:30:00Z").plusSeconds(random.nextInt(20_000_000)));
    }

    /** The files of a form, wherever its jr:// addresses say they are. */
    record Media(Path folder) implements ReferenceFactory {
        public boolean derives(String uri) { return uri.startsWith("jr://"); }
        public Reference derive(String uri) { return new Medium(folder.resolve(uri.substring(uri.lastIndexOf('/') + 1)), uri); }
        public Reference derive(String uri, String context) { return derive(uri); }
    }

    record Medium(Path path, String uri) implements Reference {
        public boolean doesBinaryExist() { return Files.exists(path); }
        public InputStream getStream() throws java.io.IOException { return Files.newInputStream(path); }
        public String getURI() { return uri; }
        public String getLocalURI() { return path.toString(); }
        public boolean isReadOnly() { return true; }
        public OutputStream getOutputStream() { return null; }
        public void remove() { }
        public Reference[] probeAlternativeReferences() { return new Reference[0]; }
    }

    /** Collect's own function, which JavaRosa does not have: nothing is found. */
    static class PullData implements IFunctionHandler {
        public String getName() { return "pulldata"; }
        public List<Class[]> getPrototypes() { return List.of(); }
        public boolean rawArgs() { return true; }
        public boolean realTime() { return false; }
        public Object eval(Object[] given, EvaluationContext context) { return ""; }
    }

    static class Phone implements IPropertyManager {
        public String getSingularProperty(String name) { return "collect:" + name; }
        public List<String> getProperty(String name) { return List.of(getSingularProperty(name)); }
        public void setProperty(String name, String value) { }
        public void setProperty(String name, List<String> value) { }
        public void addRules(IPropertyRules rules) { }
        public List<IPropertyRules> getRules() { return List.of(); }
    }
}
