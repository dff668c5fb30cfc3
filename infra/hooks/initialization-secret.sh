#!/usr/bin/env bash
# Before the second layer, once: the secret by which the first security officers are named (sam init). The deployment gets its digest alone; the secret is in a file of yours, and is of no use
# to anybody once the deployment is initialised: the HSM then holds an anchor.
set -euo pipefail

fail() { printf 'initialization-secret: %s\n' "$*" >&2; exit 1; }

digest=${SAM_INITIALIZATION_SECRET_DIGEST:-}
if [[ -n $digest ]]; then
  [[ $digest =~ ^[0-9a-f]{64}$ ]] || fail "SAM_INITIALIZATION_SECRET_DIGEST is no SHA-256 in hexadecimal: $digest"
  exit 0
fi

file=${SAM_INITIALIZATION_SECRET_FILE:-}
[[ -n $file ]] || fail 'SAM_INITIALIZATION_SECRET_FILE: the file that gets the one-time secret, for whoever runs sam init.'
[[ ! -e $file ]] || fail "$file is there already; nothing is overwritten."
! git -C "$(dirname -- "$file")" rev-parse --is-inside-work-tree > /dev/null 2>&1 || fail "$file is in a repository."
secret=$(openssl rand -hex 32)
[[ $secret =~ ^[0-9a-f]{64}$ ]] || fail 'openssl gave no random bytes.'
(umask 077 && printf '%s\n' "$secret" > "$file") || fail "$file cannot be written."
digest=$(printf %s "$secret" | sha256sum | cut -d ' ' -f 1)
azd env set SAM_INITIALIZATION_SECRET_DIGEST "$digest"
printf 'initialization-secret: in %s; sam init --secret-file takes it\n' "$file" >&2
