"""The commands that a person types, in the order of the data."""

from jalons.cli import codes, data, evidence, safety, server
from jalons.cli.french import App

app = App(help="Jalons : chaque chiffre se remonte jusqu’à ce qui s’est passé.", add_completion=False)
app.command("demo")(server.demo)
app.command("run")(server.run)
app.command("migrate")(server.migrate)
app.add_typer(data.users, name="user")
app.add_typer(data.programmes, name="programme")
app.add_typer(data.forms, name="form")
app.add_typer(data.submissions, name="submissions")
app.add_typer(data.values, name="values")
app.command("measure")(evidence.measure)
app.command("trace")(evidence.trace)
app.command("report")(evidence.report)
app.command("codes")(codes.code)
app.command("overlap")(codes.overlap)
app.command("backup")(safety.backup)
app.command("restore")(safety.restore)
