"""What other programs may ask and send: one address, the tokens of people, the rights of people."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from jalons.collection.forms.api import router as forms
from jalons.collection.submissions.actions import Contradicts
from jalons.collection.submissions.api import router as submissions
from jalons.core.errors import Refused
from jalons.core.refusals import refusal_text, violated
from jalons.foundation.accounts import tokens


class Bearer(HttpBearer):
    """Authorization: Bearer and a token of one's profile page."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        if user := tokens.holder(token):
            request.user = user
        return user


class Api(NinjaAPI):
    """Its operations bear the names of the functions that answer: programs made from its description read well."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return operation.view_func.__name__


api = Api(
    title="Jalons", version="1", auth=Bearer(), docs_url=None, urls_namespace="api",
    description="Forms and submissions, by the rights of the person who gave the token.",
)  # fmt: skip
api.add_router("/forms", forms)
api.add_router("/submissions", submissions)


def _told(status: int, message: str, **more: Any) -> HttpResponse:
    return api.create_response(None, {"message": message, **more}, status=status)


@api.exception_handler(Contradicts)
def _conflicts(request: HttpRequest, fault: Contradicts) -> HttpResponse:
    return _told(409, refusal_text(fault))


@api.exception_handler(Refused)
def _refused(request: HttpRequest, fault: Refused) -> HttpResponse:
    return _told(422, refusal_text(fault), field=fault.field)


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    wrong = [{"where": [str(step) for step in error["loc"]], "why": error["msg"]} for error in fault.errors]
    return _told(400, _("Cette demande n’a pas la forme attendue : voyez la description de l’API."), wrong=wrong)


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, fault: RequestDataTooBig) -> HttpResponse:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
    return _told(413, _("Cette demande dépasse %(limit)s Mo : envoyez-la en plusieurs fois.") % {"limit": limit})


@api.exception_handler(IntegrityError)
def _contradicts(request: HttpRequest, fault: IntegrityError) -> HttpResponse:
    return _told(409, violated(fault))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, fault: AuthenticationError) -> HttpResponse:
    response = _told(401, _("Ce jeton n’ouvre rien : donnez-en un, non expiré, pris sur la page « Mon profil »."))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, fault: PermissionDenied) -> HttpResponse:
    return _told(403, _("Vos droits, ou ceux de ce jeton, ne permettent pas cet acte."))


@api.exception_handler(Http404)
def _absent(request: HttpRequest, fault: Http404) -> HttpResponse:
    return _told(404, _("Rien à cette adresse n’est ouvert à ce jeton."))


@api.exception_handler(HttpError)
def _failed(request: HttpRequest, fault: HttpError) -> HttpResponse:
    return _told(fault.status_code, _("Cette demande n’a pas la forme attendue : voyez la description de l’API."))


@login_not_required
@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """What no address of the API is."""
    return _absent(request, Http404())


urls = api.urls
for pattern in urls[0]:
    login_not_required(pattern.callback)  # a token, not a session
