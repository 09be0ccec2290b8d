from django.urls import path

from jalons.core.links import pages
from jalons.foundation.accounts import views

app_name = "accounts"
urlpatterns = [
    path("roles/", views.roles, name="roles"),
    path("journal/", views.EventList.as_view(), name="event-list"),
    path("profile/", views.profile, name="profile"),
    path("tokens/add/", views.token_add, name="token-add"),
    path("tokens/<int:pk>/close/", views.token_close, name="token-close"),
    *pages(
        "membership",
        list=views.MembershipList,
        add=views.MembershipAdd,
        detail=views.MembershipDetail,
        edit=views.MembershipEdit,
        invite=views.MembershipInvite,
        close=views.MembershipClose,
        reopen=views.MembershipReopen,
        remove=views.MembershipRemove,
    ),
]
