#!/usr/bin/env bash
# Before the first layer: the SAM's registration in Entra ID, as entra/registration.json says. It has no secret and no certificate: the SAM checks tokens and asks for none.
# Somebody else registers? Then: azd env set SAM_ENTRA_CLIENT_ID ID, and azd env set SAM_ENTRA_REGISTER no
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
GRAPH=https://graph.microsoft.com/v1.0

fail() { printf 'register-app: %s\n' "$*" >&2; exit 1; }

# A name of the tenant's own, by which running this again finds what it made before.
: "${AZURE_ENV_NAME:?azd sets it}"
name=functions-sam-$AZURE_ENV_NAME

if [[ ${SAM_ENTRA_REGISTER:-yes} == no ]]; then
  [[ ${SAM_ENTRA_CLIENT_ID:-} =~ ^[0-9a-fA-F-]{36}$ ]] || fail 'SAM_ENTRA_REGISTER is no, and SAM_ENTRA_CLIENT_ID is no application id.'
  exit 0
fi

az rest --method patch --url "$GRAPH/applications(uniqueName='$name')" --headers 'Prefer=create-if-missing' 'Content-Type=application/json' \
  --body "@$HERE/../entra/registration.json" --output none
app=$(az rest --method get --url "$GRAPH/applications(uniqueName='$name')?\$select=appId" --query appId --output tsv)
[[ $app =~ ^[0-9a-fA-F-]{36}$ ]] || fail "Entra ID made the registration $name and does not tell its id."

az rest --method patch --url "$GRAPH/applications(appId='$app')" --headers 'Content-Type=application/json' \
  --body "{\"displayName\":\"FunctionsSam $AZURE_ENV_NAME\",\"identifierUris\":[\"api://$app\"]}" --output none
# Without an assignment nobody gets a token. The SAM also refuses tokens that name neither scope nor role.
az rest --method patch --url "$GRAPH/servicePrincipals(appId='$app')" --headers 'Prefer=create-if-missing' 'Content-Type=application/json' \
  --body '{"appRoleAssignmentRequired":true}' --output none

azd env set SAM_ENTRA_CLIENT_ID "$app"
