from jalons.core.links import pages
from jalons.foundation.partners import views

app_name = "partners"
urlpatterns = [
    *pages(
        "organisation",
        list=views.OrganisationList,
        add=views.OrganisationEdit,
        detail=views.OrganisationDetail,
        edit=views.OrganisationEdit,
    ),
    *pages(
        "contact",
        list=views.ContactList,
        add=views.ContactEdit,
        detail=views.ContactDetail,
        edit=views.ContactEdit,
        remove=views.ContactRemove,
    ),
]
