#!/usr/bin/env bash
# Before the code is deployed: the app's package can be written for a while. The platform writes it as the identity that also reads it at every start, and the app's code can ask
# for that identity's tokens: so the right to write is no standing one. It ends by its own condition, also when nothing comes back to take it away.
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
: "${SAM_PACKAGE_PRINCIPAL_ID:?the first layer puts it out}" "${SAM_PACKAGE_ACCOUNT_ID:?the second layer puts it out}" "${SAM_PACKAGE_WRITER:?the second layer puts it out}"
BLOBS=Microsoft.Storage/storageAccounts/blobServices/containers/blobs

# A role takes up to ten minutes to arrive; a deployment that does not wait for it is refused.
wait=${SAM_PACKAGE_WAIT:-600}
if ! [[ $wait =~ ^[0-9]{1,4}$ ]]; then
  echo "open-package: SAM_PACKAGE_WAIT is $wait: seconds, at most 9999" >&2
  exit 1
fi

"$HERE/close-package.sh"
end=$(TZ=UTC printf '%(%Y-%m-%dT%H:%M:%S.0Z)T' $(($(date +%s) + 10#$wait + 1800)))
az role assignment create --scope "$SAM_PACKAGE_ACCOUNT_ID" --role "$SAM_PACKAGE_WRITER" --assignee-object-id "$SAM_PACKAGE_PRINCIPAL_ID" --assignee-principal-type ServicePrincipal \
  --condition "((!(ActionMatches{'$BLOBS/write'}) AND !(ActionMatches{'$BLOBS/add/action'})) OR (@Environment[UtcNow] DateTimeLessThan '$end'))" --condition-version 2.0 --output none
echo "open-package: the package can be written until $end; waiting $wait s for that to arrive" >&2
sleep "$wait"
