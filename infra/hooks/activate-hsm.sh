#!/usr/bin/env bash
# After the first layer: activates the Managed HSM, once, and makes its own roles exactly those of roles/managed-hsm.tsv. Neither is a resource that Bicep could make.
# Who runs it is one of the HSM's administrators and reaches it: in a private deployment, from inside the network. It can be run again at any time.
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
PREFIX=Microsoft.KeyVault/managedHsm/keys

say() { printf 'activate-hsm: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# A deployment with a Key Vault has nothing to activate, and its roles are Bicep's.
HSM=${SAM_HSM_NAME:-}
[[ -n $HSM ]] || exit 0
: "${SAM_PRINCIPAL_ID:?the first layer puts it out}" "${SAM_IMPORT_PRINCIPAL_ID:?the first layer puts it out}" "${SAM_PACKAGE_PRINCIPAL_ID:?the first layer puts it out}"

# The security domain opens the HSM anywhere. It leaves it wrapped for the holders' keys; at least three holders, and never one alone.
activate() {
  local quorum=${SAM_HSM_QUORUM:-2} target=${SAM_HSM_SECURITY_DOMAIN:-} file key
  local -a certificates
  local -A keys=()
  IFS=: read -r -a certificates <<< "${SAM_HSM_WRAPPING_CERTIFICATES:-}"
  ((${#certificates[@]} >= 3)) || fail 'SAM_HSM_WRAPPING_CERTIFICATES: the certificates (PEM) of at least three holders, separated by colons.'
  if ! [[ $quorum =~ ^[0-9]{1,2}$ ]] || ((quorum < 2 || quorum > 10 || quorum > ${#certificates[@]})); then
    fail "SAM_HSM_QUORUM is $quorum: it is 2 to 10, and no more than there are holders."
  fi
  for file in "${certificates[@]}"; do
    [[ -r $file ]] || fail "The certificate $file cannot be read."
    # Whoever can run this must not hold a key that opens the domain.
    ! grep -q 'PRIVATE KEY' -- "$file" || fail "$file holds a private key. It belongs offline, with its holder; here belongs the certificate alone."
    key=$(openssl x509 -in "$file" -noout -pubkey 2> /dev/null) || fail "$file is no certificate."
    [[ -z ${keys[$key]:-} ]] || fail "$file and ${keys[$key]} are one holder's key."
    keys[$key]=$file
  done
  [[ -n $target ]] || fail 'SAM_HSM_SECURITY_DOMAIN: the file that gets the security domain. Without that file and the holders a lost HSM is lost for good.'
  [[ ! -e $target ]] || fail "$target is there already; a security domain is never overwritten."
  ! git -C "$(dirname -- "$target")" rev-parse --is-inside-work-tree > /dev/null 2>&1 || fail "$target is in a repository."
  say "activating $HSM: any $quorum of ${#certificates[@]} holders can open its security domain"
  (
    umask 077
    az keyvault security-domain download --hsm-name "$HSM" --sd-wrapping-keys "${certificates[@]}" --sd-quorum "$quorum" --security-domain-file "$target" --output none
  ) || fail "the HSM was not activated. Is this machine inside the HSM's network, and are you one of its administrators?"
  [[ -s $target ]] || fail "the HSM was activated and $target is empty: download the security domain again before any key is made."
  say "the security domain is in $target: keep it apart from the holders' keys, at two places"
}

principal() {
  case $1 in
    sam) echo "$SAM_PRINCIPAL_ID" ;;
    import) echo "$SAM_IMPORT_PRINCIPAL_ID" ;;
    *) fail "roles/managed-hsm.tsv: there is no identity $1." ;;
  esac
}

# Makes a role, or puts it right: a role that somebody has widened does not survive this.
define_role() {
  local role=$1 action actions='' id verb=create name=''
  shift
  for action in "$@"; do actions+="${actions:+,}\"$PREFIX/$action\""; done
  id=$(az keyvault role definition list --hsm-name "$HSM" --custom-role-only true --query "[?roleName=='$role'].name | [0]" --output tsv)
  if [[ -n $id && $id != None ]]; then
    verb=update
    name="\"name\":\"$id\","
  fi
  az keyvault role definition "$verb" --hsm-name "$HSM" --output none --role-definition \
    "{$name\"roleName\":\"$role\",\"description\":\"FunctionsSam\",\"actions\":[],\"notActions\":[],\"dataActions\":[$actions],\"notDataActions\":[]}"
}

assign_role() {
  local role=$1 scope=$2 who=$3 found
  found=$(az keyvault role assignment list --hsm-name "$HSM" --scope "$scope" --role "$role" --query "[?principalId=='$who'] | length(@)" --output tsv)
  [[ $found == 0 ]] || return 0
  az keyvault role assignment create --hsm-name "$HSM" --scope "$scope" --role "$role" --assignee-object-id "$who" --assignee-principal-type ServicePrincipal --output none
}

# What these identities may do beyond the table was given by hand, or by somebody who should not have.
refuse_others() {
  local who=$1 expected=$2 row role scope found
  found=$(az keyvault role assignment list --hsm-name "$HSM" --query "[?principalId=='$who'].[roleName, scope]" --output tsv)
  while IFS=$'\t' read -r role scope; do
    [[ -n $role ]] || continue
    row="$role $scope"
    grep -qxF -- "$row" <<< "$expected" || fail "$who also has the role $row, which roles/managed-hsm.tsv does not know. Take it away, or add it there."
  done <<< "$found"
}

# A role that is given to a group does not show among an identity's own. None of these identities needs a group, so none may be in one, nor in a group that is in another.
refuse_groups() {
  local who=$1 groups
  groups=$(az rest --method get --url "https://graph.microsoft.com/v1.0/servicePrincipals/$who/transitiveMemberOf" --query "value[?\"@odata.type\"=='#microsoft.graph.group'].displayName" --output tsv)
  [[ -z $groups ]] || fail "$who is in a group, and has the roles of that group: ${groups//$'\n'/, }. Take it out."
}

status=$(az keyvault show --hsm-name "$HSM" --query properties.securityDomainProperties.activationStatus --output tsv)
case $status in
  Active) say "$HSM is active" ;;
  NotActivated) activate ;;
  *) fail "$HSM is neither active nor waiting for its activation: $status" ;;
esac

expected=''
while IFS=$'\t' read -r identity role scope actions; do
  [[ -n $identity && $identity != '#'* ]] || continue
  key=${scope#/keys}
  [[ -z $key || " ${SAM_HSM_NAMED_KEYS:-} " == *" ${key#/} "* ]] || continue
  who=$(principal "$identity")
  read -r -a list <<< "$actions"
  define_role "$role" "${list[@]}"
  assign_role "$role" "$scope" "$who"
  expected+="$role $scope"$'\n'
done < "$HERE/../roles/managed-hsm.tsv"
refuse_others "$SAM_PRINCIPAL_ID" "$expected"
refuse_others "$SAM_IMPORT_PRINCIPAL_ID" "$expected"
# The app carries this one, too.
refuse_others "$SAM_PACKAGE_PRINCIPAL_ID" ''
for who in "$SAM_PRINCIPAL_ID" "$SAM_IMPORT_PRINCIPAL_ID" "$SAM_PACKAGE_PRINCIPAL_ID"; do
  refuse_groups "$who"
done
say "the roles of $HSM are those of roles/managed-hsm.tsv"
