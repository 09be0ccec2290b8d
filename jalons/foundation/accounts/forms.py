"""What is asked of a person about themselves and about roles."""

from datetime import timedelta

from allauth.account.forms import AddEmailForm
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import DayInput
from jalons.foundation.accounts.models import ApiToken, Membership, User
from jalons.foundation.programmes.models import Programme


class RoleForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ("role", "region", "organisation")


class GrantForm(forms.ModelForm):
    email = User._meta.get_field("email").formfield(
        help_text=_("Si cette personne n’a pas encore de compte, elle reçoit un lien pour choisir son mot de passe.")
    )
    name = User._meta.get_field("name").formfield()
    language = User._meta.get_field("language").formfield()

    class Meta:
        model = Membership
        fields = ("role", "programme", "region", "organisation")

    field_order = ("email", "name", "language", "role", "programme", "region", "organisation")

    def clean(self):
        answers = super().clean()
        person = {name: answers[name] for name in ("email", "name", "language") if name in answers}
        self.instance.user = User(**person)
        return answers

    def _get_validation_exclusions(self):
        """The person may not exist yet: the action finds or makes the account."""
        return {*super()._get_validation_exclusions(), "user"}


class ReasonForm(forms.Form):
    why = forms.CharField(label=_("motif"), max_length=500)


class AddressForm(AddEmailForm):
    """The library would write to an address that is someone else's, and fail once it is confirmed."""

    def clean_email(self) -> str:
        address = super().clean_email()
        if User.objects.filter(email=address).exclude(pk=self.user.pk).exists():
            raise forms.ValidationError(_("Cette adresse est déjà celle d’un autre compte."))
        return address


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("name", "language")


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("programme", "name", "reads_only", "expires_on")
        widgets = {"expires_on": DayInput}

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = Programme.objects.filter(memberships__user=by).distinct()
        self.fields["expires_on"].initial = timezone.localdate() + timedelta(days=90)
