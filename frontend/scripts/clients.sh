# Sourced by generate-openapi-client.sh and generate-asyncapi-types.sh: options, and which modules changed.
# The script that sources it sets:
#   kind       what is generated, for messages
#   spec_name  the name of a module's spec
#   prefix     of the generated folders; the module's name follows
#   inputs     files other than the spec that decide what is generated
# shellcheck shell=bash disable=SC2154

if ((BASH_VERSINFO[0] < 5)); then
  echo "error: bash $BASH_VERSION is too old; install bash 5 or newer (macOS: brew install bash)" >&2
  exit 1
fi
started=$EPOCHREALTIME
scripts_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
frontend_dir=$(dirname "$scripts_dir")
specs_dir=$(dirname "$frontend_dir")/backend/src/trading_api/modules
output_dir=$frontend_dir/src/clients
work=              # the temporary folder of this run, if there is anything to do
changed=()         # modules to generate
declare -A hash=() # of each file, by its path
unchanged=0        # how many modules were skipped, or gave the same files as before

# shellcheck source-path=SCRIPTDIR source=publish-clients.sh
source "$scripts_dir/publish-clients.sh"

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# For an invalid spec; FILE is where the module declares it: fail_for_spec MESSAGE FILE
fail_for_spec() {
  fail "$1; fix the module's models or $2, then run: make -f project.mk generate-clients-all"
}

parse_options() {
  while (($#)); do
    case $1 in
      --specs-dir) specs_dir=${2:?--specs-dir needs a folder} && shift 2 ;;
      --output-dir) output_dir=${2:?--output-dir needs a folder} && shift 2 ;;
      -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" && exit ;;
      *) fail "unknown argument $1; see --help" ;;
    esac
  done
}

# Hashes all files in one process; one process per file would take as long as generating the clients.
# A path that is not a file gets no hash.
hash_files() {
  local sum file
  while read -r sum file; do hash[$file]=$sum; done < <(sha256sum -- "$@" </dev/null 2>/dev/null)
}

# Sets REPLY to the hashes of a folder's inputs and of its files: fingerprint SPEC FOLDER
fingerprint() {
  local file
  REPLY="${hash[$1]:-} $inputs_hash"$'\n'
  for file in "$2"/*; do REPLY+="${hash[$file]:-} ${file##*/}"$'\n'; done
}

# Sets `changed`, and creates the folder `work` if there is anything to do.
select_changed() {
  local spec module folder recorded node
  shopt -s nullglob
  sweep
  specs=("$specs_dir"/*/specs/*.json)
  ((${#specs[@]})) || fail "no specs in $specs_dir/*/specs/; export them: make -f project.mk export-specs-all"
  specs=("$specs_dir"/*/specs/"$spec_name")
  inputs_hash=$(cat "${inputs[@]}" | sha256sum)
  hash_files "${specs[@]}" "$output_dir/$prefix"*/*
  for spec in "${specs[@]}"; do
    module=${spec%/specs/*} module=${module##*/}
    folder=$output_dir/$prefix$module recorded=
    if [[ -f $folder/.fingerprint ]]; then IFS= read -rd '' recorded <"$folder/.fingerprint" || true; fi
    fingerprint "$spec" "$folder"
    if [[ $recorded == "$REPLY" ]]; then unchanged=$((unchanged + 1)); else changed+=("$module"); fi
  done
  ((${#changed[@]})) || return 0
  node=$(node --version 2>/dev/null || echo none)
  printf 'v20.19\n%s\n' "$node" | sort -CV || fail "found Node.js: $node; install version 20.19 or newer"
  mkdir -p "$output_dir"
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d "$output_dir/.generating.$$.XXXXXX")
  mkdir "$work/new" "$work/old" "${changed[@]/#/$work/new/$prefix}"
}
