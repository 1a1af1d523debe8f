"""The account form."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from apis.aws import all_regions
from apis.inventory.models import Account
from apis.inventory.reading import endpoint

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/[\w+=,.@/-]{1,512}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")


def _region_choices() -> list[tuple[str, str]]:
    return [(code, f"{code} · {place}") for code, place in all_regions().items()]


class AccountForm(forms.ModelForm):
    """How an AWS account is reached and which of its regions are mirrored."""

    regions = forms.MultipleChoiceField(
        choices=_region_choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}),
        required=False,
        help_text="The regions of its HTTP APIs. Each region uses a few calls of the account's rate limit per sync.",
    )
    other_regions = forms.CharField(
        required=False, label="Other regions", help_text="Region codes that are not in the list, separated by commas."
    )

    class Meta:
        model = Account
        fields = [
            "name", "method", "profile", "role_arn", "external_id", "regions", "read_only", "needs_approval",
            "refuse_owned", "enabled", "endpoint_url",
        ]  # fmt: skip
        labels = {
            "method": "Access method",
            "role_arn": "Role ARN",
            "external_id": "External id",
            "read_only": "Read only",
            "needs_approval": "Changes need approval",
            "refuse_owned": "Block direct edits",
            "enabled": "Sync this account",
            "endpoint_url": "Endpoint URL",
        }
        help_texts = {
            "name": "Such as production or sandbox.",
            "profile": "A profile in the AWS configuration of the machine that runs corsdash.",
            "role_arn": (
                "The role to assume. Permissions: apigateway:GET (read), PATCH and DELETE (edit), POST (deploy)."
            ),
            "external_id": "If the role's trust policy requires one.",
            "read_only": "corsdash shows and probes this account's APIs but does not change them.",
            "needs_approval": "Another person must approve each change to this account's APIs.",
            "refuse_owned": "If an API's tags show that a tool such as Terraform manages it, corsdash shows changes "
            "as code instead of applying them.",
            "enabled": "Turn off to keep the stored data and stop calling AWS.",
            "endpoint_url": "A VPC endpoint of API Gateway, or an AWS emulator. Leave blank for AWS.",
        }
        widgets = {"method": forms.RadioSelect(attrs={"class": "tiles"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role_arn"].widget.attrs.update(
            {"class": "mono", "placeholder": "arn:aws:iam::123456789012:role/corsdash"}
        )
        self.fields["external_id"].widget.attrs["class"] = "mono"
        self.fields["other_regions"].widget.attrs.update({"class": "mono", "placeholder": "us-gov-west-1, cn-north-1"})
        self.fields["endpoint_url"].widget.attrs.update({"class": "mono", "placeholder": "http://127.0.0.1:4566"})
        chosen = self.instance.regions or []
        if self.instance.pk:
            self.initial["regions"] = [code for code in chosen if code in all_regions()]
            self.initial["other_regions"] = ", ".join(code for code in chosen if code not in all_regions())

    def clean_role_arn(self) -> str:
        """Return a role's ARN, or nothing."""
        arn: str = self.cleaned_data["role_arn"].strip()
        if arn and not _ROLE_ARN.fullmatch(arn):
            raise forms.ValidationError("Enter a role ARN, such as arn:aws:iam::123456789012:role/corsdash.")
        return arn

    def clean_endpoint_url(self) -> str:
        """Return an http or https address, or nothing."""
        url: str = self.cleaned_data["endpoint_url"].strip().rstrip("/")
        if url and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
            raise forms.ValidationError("Enter an http or https URL, such as http://127.0.0.1:4566.")
        if url and url != self.instance.endpoint_url and (why := endpoint.refusal(url)):
            raise forms.ValidationError(why)
        return url

    def clean_other_regions(self) -> list[str]:
        """Return the codes, one by one."""
        codes = [code for code in re.split(r"[,\s]+", self.cleaned_data["other_regions"]) if code]
        wrong = [code for code in codes if not _REGION.fullmatch(code)]
        if wrong:
            raise forms.ValidationError(f"{', '.join(wrong)} is not a region code, such as eu-west-1.")
        return codes

    def clean(self) -> dict[str, Any]:
        """Return what each way of reaching an account needs, and that there is a region."""
        data: dict[str, Any] = super().clean() or {}
        method = data.get("method")
        if method == Account.Method.PROFILE and not data.get("profile") and "profile" not in self.errors:
            self.add_error("profile", "Enter the profile to use.")
        if method == Account.Method.ROLE and not data.get("role_arn") and "role_arn" not in self.errors:
            self.add_error("role_arn", "Enter the ARN of the role to assume.")
        everywhere = [*data.get("regions", []), *(data.get("other_regions") or [])]
        if not everywhere and "other_regions" not in self.errors:
            self.add_error("regions", "Choose at least one region.")
        data["regions"] = list(dict.fromkeys(everywhere))
        return data

    def save(self, commit: bool = True) -> Account:
        """Return the account; a role's ARN also contains its AWS account number."""
        account: Account = super().save(commit=False)
        account.regions = self.cleaned_data["regions"]
        arn = _ROLE_ARN.fullmatch(account.role_arn)
        if account.method == Account.Method.ROLE and arn:
            account.aws_account_id = arn[1]
        if commit:
            account.save()
        return account


LONGEST_DAYS = 365


class IgnoreForm(forms.Form):
    """For how many days to ignore a drift, and why."""

    days = forms.IntegerField(min_value=1, max_value=LONGEST_DAYS)
    note = forms.CharField(required=False, max_length=500)


class LockForm(forms.Form):
    """The version that the person saw and locks the API to."""

    version = forms.IntegerField(required=False, min_value=1, max_value=2_000_000_000)


class SyncForm(forms.Form):
    """What to sync: all accounts, one, or one of its regions."""

    account = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    region = forms.CharField(required=False, max_length=30)
