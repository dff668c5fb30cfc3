#!/usr/bin/env bash
# After the code was deployed, and before: the app's package is written by nobody. Stops where an identity of the app can do more with it than read.
set -euo pipefail

: "${SAM_PRINCIPAL_ID:?the first layer puts it out}" "${SAM_PACKAGE_PRINCIPAL_ID:?the first layer puts it out}"
: "${SAM_PACKAGE_ACCOUNT_ID:?the second layer puts it out}" "${SAM_PACKAGE_WRITER:?the second layer puts it out}"
READER=2a2b9908-6ea1-4ae2-8e65-a410df84e7d1

given=$(az role assignment list --scope "$SAM_PACKAGE_ACCOUNT_ID" --query "[?principalId=='$SAM_PACKAGE_PRINCIPAL_ID' && ends_with(roleDefinitionId, '/$SAM_PACKAGE_WRITER')].id" --output tsv)
while IFS= read -r id; do
  [[ -n $id ]] || continue
  az role assignment delete --ids "$id" --output none
done <<< "$given"

# Roles of the group and the subscription reach this account, too.
left=$(az role assignment list --scope "$SAM_PACKAGE_ACCOUNT_ID" --include-inherited \
  --query "[?principalId=='$SAM_PRINCIPAL_ID' || (principalId=='$SAM_PACKAGE_PRINCIPAL_ID' && !ends_with(roleDefinitionId, '/$READER'))].[principalId, roleDefinitionName, scope]" --output tsv)
if [[ -n $left ]]; then
  echo "close-package: an identity of the app has a role on its own package that it must not have: $left" >&2
  exit 1
fi
