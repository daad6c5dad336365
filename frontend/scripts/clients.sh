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
changed=()        # modules to generate
declare -A hash=() # of every file that was read, by its path
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

# One process hashes all files: a few of them per module would cost as much as its generation does.
# What is no file has no hash.
hash_files() {
  local sum file
  while read -r sum file; do hash[$file]=$sum; done < <(sha256sum -- "$@" </dev/null 2>/dev/null)
}

# Sets REPLY to what a folder was made from and what is in it now: fingerprint SPEC FOLDER
fingerprint() {
  local file
  REPLY="${hash[$1]} $inputs_hash"$'\n'
  for file in "$2"/*; do REPLY+="${hash[$file]:-} ${file##*/}"$'\n'; done
}

# Fills `changed`, and creates the folder `work` beside the outputs if there is anything to do.
select_changed() {
  local spec module folder recorded
  shopt -s nullglob
  specs=("$specs_dir"/*/specs/*.json)
  ((${#specs[@]})) || fail "no specs at $specs_dir/*/specs/; export them first:" \
    "make -C backend export-specs (or everything: make -f project.mk generate-clients-all)"
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
  work=$(mktemp -d "$output_dir/.generating.XXXXXX")
  mkdir "$work/new" "$work/old" "${changed[@]/#/$work/new/$prefix}"
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
  if ((${#changed[@]})); then swap_in; fi
  for target in "$output_dir/$prefix"*/; do
    target=${target%/} folder=${target##*/} module=${folder#"$prefix"}
    [[ -f $specs_dir/$module/specs/$spec_name ]] && continue
    rm -rf "$target" && removed=$((removed + 1))
    printf '%s: removed, its module has no %s\n' "$folder" "$spec_name"
  done
  printf '%s: %d written, %d unchanged, %d removed (%s)\n' "$kind" "$written" "$unchanged" "$removed" "$(elapsed)"
}

swap_in() {
  local module spec target made files plural old=() new=()
  hash_files "$work"/new/*/*
  for module in "${changed[@]}"; do
    spec=$specs_dir/$module/specs/$spec_name target=$output_dir/$prefix$module
    fingerprint "$spec" "$work/new/$prefix$module" && made=$REPLY
    fingerprint "$spec" "$target"
    if [[ $made == "$REPLY" ]]; then
      printf '%s' "$made" >"$target/.fingerprint" && unchanged=$((unchanged + 1))
      continue
    fi
    printf '%s' "$made" >"$work/new/$prefix$module/.fingerprint"
    new+=("$work/new/$prefix$module")
    if [[ -e $target ]]; then old+=("$target"); fi
  done
  if ((${#old[@]})); then mv "${old[@]}" "$work/old/"; fi
  if ((${#new[@]})); then mv "${new[@]}" "$output_dir/"; fi
  written=${#new[@]} made=$(elapsed)
  for target in "${new[@]##*/}"; do
    files=("$output_dir/$target"/*) plural=s
    if ((${#files[@]} == 1)); then plural=; fi
    printf '%s: written (%d file%s, %s)\n' "$target" "${#files[@]}" "$plural" "$made"
  done
}

elapsed() {
  local tenths=$(((${EPOCHREALTIME//[.,]/} - ${started//[.,]/}) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}
