# Shared by generate-openapi-client.sh and generate-asyncapi-types.sh: which modules have changed,
# and swapping the results in. The script that sources it sets first:
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
changed=() # modules to generate
written=0 unchanged=0 removed=0

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
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

spec_of() { printf '%s/%s/specs/%s' "$specs_dir" "$1" "$spec_name"; }

# What a folder was made from and what is in it now, as two hashes: fingerprint SPEC FOLDER
fingerprint() {
  cat "$1" "${inputs[@]}" | sha256sum
  (cd "$2" && sha256sum -- * </dev/null | sha256sum)
}

# Fills `changed`, and creates the folder `work` beside the outputs if there is anything to do.
select_changed() {
  local spec module folder
  shopt -s nullglob
  specs=("$specs_dir"/*/specs/*.json)
  ((${#specs[@]})) || fail "no specs at $specs_dir/*/specs/; export them first:" \
    "make -C backend export-specs (or everything: make -f project.mk generate-clients-all)"
  for spec in "$specs_dir"/*/specs/"$spec_name"; do
    module=$(basename "${spec%/specs/*}") folder=$output_dir/$prefix$(basename "${spec%/specs/*}")
    if [[ -f $folder/.fingerprint && $(<"$folder/.fingerprint") == "$(fingerprint "$spec" "$folder")" ]]; then
      unchanged=$((unchanged + 1))
    else
      changed+=("$module")
    fi
  done
  ((${#changed[@]})) || return 0
  mkdir -p "$output_dir"
  work=$(mktemp -d "$output_dir/.generating.XXXXXX")
  mkdir "$work/new" "$work/old"
  trap clean_up EXIT
}

# An interruption between the two renames of a swap must not lose the old folder.
clean_up() {
  local old
  for old in "$work"/old/*; do [[ -e $output_dir/${old##*/} ]] || mv "$old" "$output_dir/"; done
  rm -rf "$work"
}

# Swaps in the folders of `work`/new, and removes those of modules that are gone.
publish() {
  local module folder target
  for module in "${changed[@]}"; do
    folder=$prefix$module target=$output_dir/$prefix$module
    fingerprint "$(spec_of "$module")" "$work/new/$folder" >"$work/new/$folder/.fingerprint"
    if diff -rq --exclude=.fingerprint "$target" "$work/new/$folder" &>/dev/null; then
      mv "$work/new/$folder/.fingerprint" "$target/" && unchanged=$((unchanged + 1))
      continue
    fi
    if [[ -e $target ]]; then mv "$target" "$work/old/"; fi
    mv "$work/new/$folder" "$target" && written=$((written + 1))
    printf '%s: written (%s, %s)\n' "$folder" "$(count_files "$target")" "$(elapsed)"
  done
  for target in "$output_dir/$prefix"*/; do
    folder=$(basename "$target")
    [[ -f $(spec_of "${folder#"$prefix"}") ]] && continue
    rm -rf "$target" && removed=$((removed + 1))
    printf '%s: removed, its module has no %s\n' "$folder" "$spec_name"
  done
  printf '%s: %d written, %d unchanged, %d removed (%s)\n' "$kind" "$written" "$unchanged" "$removed" "$(elapsed)"
}

count_files() {
  local files=("$1"/*)
  if ((${#files[@]} == 1)); then printf '1 file'; else printf '%d files' "${#files[@]}"; fi
}

elapsed() {
  local tenths=$(((${EPOCHREALTIME//[.,]/} - ${started//[.,]/}) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}
