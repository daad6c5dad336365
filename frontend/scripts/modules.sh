# Sourced by generate-openapi-client.sh and generate-asyncapi-types.sh: their options, and what they end with.
# The script that sources it sets:
#   kind       what is generated, for messages
#   spec_name  the name of a module's spec
#   prefix     of the generated folders; the module's name follows
# shellcheck shell=bash disable=SC2034,SC2154

if ((BASH_VERSINFO[0] < 5)); then
  echo "error: bash $BASH_VERSION is too old; install bash 5 or newer (macOS: brew install bash)" >&2
  exit 1
fi
shopt -s nullglob
started=$EPOCHREALTIME
scripts_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
frontend_dir=$(dirname "$scripts_dir")
specs_dir=$(dirname "$frontend_dir")/backend/src/trading_api/modules
output_dir=$frontend_dir/src/clients
modules=() # to generate
work=      # the temporary folder of this run
status=0   # 1 after an error; the modules without an error are replaced all the same

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Sets the folders and `modules`, and creates the temporary folder `work`: begin ARGUMENT...
begin() {
  local specs=() all spec module node left pid
  while (($#)); do
    case $1 in
      --specs-dir) specs_dir=${2:?--specs-dir needs a folder} && shift ;;
      --output-dir) output_dir=${2:?--output-dir needs a folder} && shift ;;
      -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" && exit ;;
      */specs/"$spec_name") specs+=("$1") ;;
      *) fail "unknown argument $1; see --help" ;;
    esac
    shift
  done
  all=("$specs_dir"/*/specs/*.json)
  ((${#all[@]})) || fail "no specs in $specs_dir/*/specs/; export them: make -f project.mk export-specs-all"
  ((${#specs[@]})) || specs=("$specs_dir"/*/specs/"$spec_name")
  for spec in "${specs[@]}"; do
    module=${spec%/specs/*} module=${module##*/}
    [[ $spec -ef $specs_dir/$module/specs/$spec_name ]] || fail "$spec is not a spec in $specs_dir; pass its folder as --specs-dir"
    modules+=("$module")
  done
  node=$(node --version 2>/dev/null || echo none)
  printf 'v20.19\n%s\n' "$node" | sort -CV || fail "found Node.js: $node; install version 20.19 or newer"
  [[ -d $frontend_dir/node_modules/typescript-native ]] || fail "frontend/node_modules is missing; run: make -C frontend install"
  mkdir -p "$output_dir"
  for left in "$output_dir"/.generating.*; do # of killed runs; the name contains the process id
    pid=${left##*/.generating.}
    kill -0 "${pid%%.*}" 2>/dev/null || rm -rf "$left"
  done
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # In the output folder, so that replacing a folder is a rename.
  work=$(mktemp -d "$output_dir/.generating.$$.XXXXXX")
}

# Checks and replaces what was generated, and says what to do after errors: publish FILE, where a module declares what is wrong
publish() {
  local code=0
  node "$scripts_dir/publish-clients.mjs" "$kind" "$work" "$prefix" "$spec_name" "$specs_dir" "$output_dir" "$started" || code=$?
  ((code < 2)) || fail "the type check failed, see above; no $kind were changed"
  if ((code || status)); then fail "some $kind are not up to date, see above; fix the module's models or $1, then run: make -f project.mk generate-clients-all"; fi
}
