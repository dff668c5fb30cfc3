#!/usr/bin/env bash
# After the second layer, when SAM_LOCK_HEADS is yes: locks the retention of the witnessed heads. It cannot be undone by anybody, Microsoft included: until the
# retention of its last blob has passed, neither the container nor the account nor the resource group can be deleted.
set -euo pipefail

[[ ${SAM_LOCK_HEADS:-no} == yes ]] || exit 0
: "${SAM_AUDIT_ACCOUNT:?the second layer puts it out}" "${AZURE_RESOURCE_GROUP:?the first layer puts it out}"

container=(--account-name "$SAM_AUDIT_ACCOUNT" --resource-group "$AZURE_RESOURCE_GROUP" --container-name heads)
read -r state version <<< "$(az storage container immutability-policy show "${container[@]}" --query '[state, etag]' --output tsv | tr '\n' ' ')"
case $state in
  Locked) ;;
  # On condition of the version that was read: what is locked is what was looked at.
  Unlocked) az storage container immutability-policy lock "${container[@]}" --if-match "$version" --output none ;;
  *) echo "lock-heads: the policy of $SAM_AUDIT_ACCOUNT/heads is neither locked nor unlocked: $state" >&2; exit 1 ;;
esac
