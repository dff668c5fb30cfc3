#!/usr/bin/env bash
# Before the first layer: the SAM's registration in Entra ID, as entra/registration.json says. It has no secret and no certificate: the SAM checks tokens and asks for none.
# Somebody else registers? Then: azd env set SAM_ENTRA_CLIENT_ID ID, and azd env set SAM_ENTRA_REGISTER no
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
GRAPH=https://graph.microsoft.com/v1.0
ID='^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

fail() { printf 'register-app: %s\n' "$*" >&2; exit 1; }

# A name of the tenant's own, by which running this again finds what it made before. It is no proof: by default every user of the tenant may register applications, under any name.
: "${AZURE_ENV_NAME:?azd sets it}"
name=functions-sam-$AZURE_ENV_NAME
app=${SAM_ENTRA_CLIENT_ID:-}
[[ -z $app || $app =~ $ID ]] || fail "SAM_ENTRA_CLIENT_ID is no application id: $app"

if [[ ${SAM_ENTRA_REGISTER:-yes} == no ]]; then
  [[ -n $app ]] || fail 'SAM_ENTRA_REGISTER is no, and SAM_ENTRA_CLIENT_ID is not set.'
  exit 0
fi

# Whether there is an application of that name. Nothing but "not found" is a no.
exists() {
  local error
  if error=$(az rest --method get --url "$GRAPH/applications(uniqueName='$name')?\$select=id" --output none 2>&1); then return 0; fi
  [[ $error == *ResourceNotFound* ]] || fail "Entra ID does not tell whether $name is registered: $error"
  return 1
}

# An owner changes the registration and gives it secrets, and its roles to whom he likes; he may be no other than who runs this, or who is named.
refuse_owners() {
  local of=$1 owners owner
  owners=$(az rest --method get --url "$GRAPH/$of(appId='$app')/owners?\$select=id" --query 'value[].id' --output tsv)
  for owner in $owners; do
    [[ " $allowed " == *" ${owner,,} "* ]] || fail "$owner is an owner of $name ($of), and neither you nor in SAM_ENTRA_OWNERS. Find out who that is before you go on."
  done
}

# With a secret somebody is the SAM's application.
refuse_credentials() {
  local what count
  for what in "applications(appId='$app')?\$select=passwordCredentials,keyCredentials" "servicePrincipals(appId='$app')?\$select=passwordCredentials,keyCredentials"; do
    count=$(az rest --method get --url "$GRAPH/$what" --query 'length([passwordCredentials, keyCredentials][])' --output tsv)
    [[ $count == 0 ]] || fail "$name has secrets or certificates (${what%%\(*}: $count). It needs none: take them away, and find out whose they are."
  done
  count=$(az rest --method get --url "$GRAPH/applications(appId='$app')/federatedIdentityCredentials" --query 'length(value)' --output tsv)
  [[ $count == 0 ]] || fail "$name trusts $count other issuers (federated credentials). It needs none."
}

# A service principal that deploys is no signed-in user: it is named in SAM_ENTRA_OWNERS, or it is refused where it owns.
allowed=${SAM_ENTRA_OWNERS:-}
allowed="${allowed//,/ } $(az ad signed-in-user show --query id --output tsv 2> /dev/null || true)"
allowed=${allowed,,}

if [[ -z $app ]]; then
  ! exists || fail "There is an application $name already, and SAM_ENTRA_CLIENT_ID is not set: if it is yours set that to its application id; if not, take another AZURE_ENV_NAME and tell your Entra administrator."
  # Its id comes from the answer that says it was made: one that appeared meanwhile is changed instead, and that is answered with nothing.
  app=$(az rest --method patch --url "$GRAPH/applications(uniqueName='$name')" --headers 'Prefer=create-if-missing' 'Content-Type=application/json' \
    --body "@$HERE/../entra/registration.json" --query appId --output tsv)
  [[ $app =~ $ID ]] || fail "Entra ID does not say that it made $name. If it is there now, it is not known whose it is."
  # At once: whatever stops below, the next run knows what this one made.
  azd env set SAM_ENTRA_CLIENT_ID "$app"
else
  exists || fail "SAM_ENTRA_CLIENT_ID is $app, and there is no application $name. If it was registered otherwise: azd env set SAM_ENTRA_REGISTER no"
  found=$(az rest --method get --url "$GRAPH/applications(uniqueName='$name')?\$select=appId" --query appId --output tsv)
  [[ ${found,,} == "${app,,}" ]] || fail "The application $name is $found, and not SAM_ENTRA_CLIENT_ID, $app."
  # Before anything is changed: what belongs to others is left as it is.
  refuse_owners applications
  az rest --method patch --url "$GRAPH/applications(appId='$app')" --headers 'Content-Type=application/json' --body "@$HERE/../entra/registration.json" --output none
fi

az rest --method patch --url "$GRAPH/applications(appId='$app')" --headers 'Content-Type=application/json' \
  --body "{\"displayName\":\"FunctionsSam $AZURE_ENV_NAME\",\"identifierUris\":[\"api://$app\"]}" --output none
# Without an assignment nobody gets a token. The SAM also refuses tokens that name neither scope nor role.
az rest --method patch --url "$GRAPH/servicePrincipals(appId='$app')" --headers 'Prefer=create-if-missing' 'Content-Type=application/json' \
  --body '{"appRoleAssignmentRequired":true}' --output none
refuse_owners applications
refuse_owners servicePrincipals
refuse_credentials
