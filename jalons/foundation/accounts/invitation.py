"""The message that lets a new person choose their own password: no one else ever types it."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib import messages
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from jalons.foundation.accounts.models import Membership


def send(request: HttpRequest, membership: Membership) -> None:
    """Send the link, in the person's language; say on the next page whether it left."""
    user, adapter = membership.user, get_adapter(request)
    if user.has_usable_password():
        messages.info(request, _("Cette personne a déjà un compte : elle se connecte comme d’habitude."))
        return
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    context = {
        "user": user,
        "by": request.user,
        "membership": membership,
        "link": adapter.get_reset_password_from_key_url(key),
    }
    try:
        with translation.override(user.language):
            adapter.deliver("account/email/invitation", user.email, context)
    except OSError:
        messages.error(
            request, _("Le rôle est donné, mais le message n’est pas parti. Renvoyez le lien depuis cette page.")
        )
    else:
        messages.success(request, _("Un lien pour choisir son mot de passe part à son adresse ; il vaut trois jours."))
