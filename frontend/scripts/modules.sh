# Sourced by generate-openapi-client.sh and generate-asyncapi-types.sh: options, and the replacement of the folders.
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
modules=()  # to generate
compiled=() # modules that were generated and compile
work=       # the temporary folder of this run
status=0    # 1 after an error; the modules without an error are replaced all the same

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Sets the folders and `modules`, and creates the temporary folder `work`: begin ARGUMENT...
begin() {
  local specs=() spec
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
  spec=("$specs_dir"/*/specs/*.json)
  ((${#spec[@]})) || fail "no specs in $specs_dir/*/specs/; export them: make -f project.mk export-specs-all"
  ((${#specs[@]})) || specs=("$specs_dir"/*/specs/"$spec_name")
  for spec in "${specs[@]}"; do
    spec=${spec%/specs/*} && modules+=("${spec##*/}")
  done
  spec=$(node --version 2>/dev/null || echo none)
  printf 'v20.19\n%s\n' "$spec" | sort -CV || fail "found Node.js: $spec; install version 20.19 or newer"
  [[ -d $frontend_dir/node_modules/typescript-native ]] || fail "frontend/node_modules is missing; run: make -C frontend install"
  mkdir -p "$output_dir"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # Folders of killed runs; the name contains the process id.
  for work in "$output_dir"/.generating.*; do
    spec=${work##*/.generating.}
    kill -0 "${spec%%.*}" 2>/dev/null || rm -rf "$work"
  done
  # Beside the folders that are replaced, so that replacing them is a rename.
  work=$(mktemp -d "$output_dir/.generating.$$.XXXXXX")
}

# Sets `compiled` to the generated modules that compile.
check() {
  local code=0
  node "$scripts_dir/check-clients.mjs" "$work" "$spec_name" "$specs_dir" "$prefix" >"$work/compiled" || code=$?
  ((code < 2)) || fail "the type check failed, see above; $kind were not changed"
  ((code == 0)) || status=1
  mapfile -t compiled <"$work/compiled"
}

# Replaces the folders of modules whose files have changed, and removes those of modules that are gone: replace MODULE...
replace() {
  local module folder written=0 unchanged=0 removed=0
  for module in "$@"; do
    folder=$prefix$module
    if diff -rq "$work/$folder" "$output_dir/$folder" >/dev/null 2>&1; then
      unchanged=$((unchanged + 1))
      continue
    fi
    if [[ -e $output_dir/$folder ]]; then mv "$output_dir/$folder" "$work/$folder.old"; fi
    mv "$work/$folder" "$output_dir/$folder"
    written=$((written + 1))
    printf '%s: written\n' "$folder"
  done
  for folder in "$output_dir/$prefix"*/; do
    module=${folder%/} && module=${module##*/"$prefix"}
    [[ -e $specs_dir/$module/specs/$spec_name ]] && continue
    rm -rf "$folder"
    removed=$((removed + 1))
    printf '%s: removed, its module has no %s\n' "$prefix$module" "$spec_name"
  done
  printf '%s: %d written, %d unchanged, %d removed (%s)\n' "$kind" "$written" "$unchanged" "$removed" "$(elapsed)"
}

elapsed() {
  local tenths=$(((${EPOCHREALTIME//[.,]/} - ${started//[.,]/}) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

# Prints what to do after errors, which have been printed, and exits: finish FILE, where a module declares what is wrong
finish() {
  if ((status)); then fail "some $kind are not up to date, see above; fix the module's models or $1, then run: make -f project.mk generate-clients-all"; fi
}
