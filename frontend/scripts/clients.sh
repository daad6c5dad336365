# Shared by generate-openapi-client.sh and generate-asyncapi-types.sh: which modules have changed.
# The script that sources it sets first:
#   kind       what is generated, for the messages
#   spec_name  the spec to look for in each module
#   prefix     of the folders that are generated; the module's name follows
#   inputs     files, beside the spec, that decide what is generated
# shellcheck shell=bash disable=SC2154

started=$EPOCHREALTIME
scripts_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
frontend_dir=$(dirname "$scripts_dir")
specs_dir=$(dirname "$frontend_dir")/backend/src/trading_api/modules
output_dir=$frontend_dir/src/clients
work=              # the folder of this run, once there is anything to do
changed=()         # modules to generate
declare -A hash=() # of every file that was read, by its path
unchanged=0        # how many modules were not generated, or gave the same as before

# shellcheck source-path=SCRIPTDIR source=publish-clients.sh
source "$scripts_dir/publish-clients.sh"

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The spec is at fault, and with it the code that it was exported from: fail_for_spec MESSAGE FILE
fail_for_spec() {
  fail "$1; correct the module's models or $2, then run: make -f project.mk generate-clients-all"
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

# One process hashes all files: a few of them per module would cost as much as its generation does.
# What is no file has no hash.
hash_files() {
  local sum file
  while read -r sum file; do hash[$file]=$sum; done < <(sha256sum -- "$@" </dev/null 2>/dev/null)
}

# Sets REPLY to what a folder was made from and what is in it now: fingerprint SPEC FOLDER
fingerprint() {
  local file
  REPLY="${hash[$1]:-} $inputs_hash"$'\n'
  for file in "$2"/*; do REPLY+="${hash[$file]:-} ${file##*/}"$'\n'; done
}

# Fills `changed`, and creates the folder `work` beside the outputs if there is anything to do.
select_changed() {
  local spec module folder recorded
  shopt -s nullglob
  sweep
  specs=("$specs_dir"/*/specs/*.json)
  ((${#specs[@]})) || fail "no specs at $specs_dir/*/specs/; export them first:" \
    "make -f project.mk export-specs-all (or all of it: make -f project.mk generate-clients-all)"
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
  mkdir -p "$output_dir"
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d "$output_dir/.generating.$$.XXXXXX")
  mkdir "$work/new" "$work/old" "${changed[@]/#/$work/new/$prefix}"
}
