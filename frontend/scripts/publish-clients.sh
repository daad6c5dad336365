# Sourced by clients.sh: publishes what was generated in `work`/new, and reports it.
# shellcheck shell=bash disable=SC2154

written=0 removed=0 # folders

# Removes the folder of a run; old folders that it had not replaced yet go back: discard WORK
discard() {
  local old
  for old in "$1"/old/*; do [[ -e $output_dir/${old##*/} ]] || mv "$old" "$output_dir/"; done
  rm -rf "$1"
}

# Stops background processes, which would go on writing.
clean_up() {
  local jobs
  mapfile -t jobs < <(jobs -p)
  if ((${#jobs[@]})); then kill "${jobs[@]}" 2>/dev/null || true; wait; fi
  if [[ $work ]]; then discard "$work"; fi
}

# Discards the folders of killed runs; a folder's name contains its process id.
sweep() {
  local folder pid
  for folder in "$output_dir"/.generating.*; do
    pid=${folder##*/.generating.} pid=${pid%%.*}
    if ! ps -p "$pid" >/dev/null 2>&1; then discard "$folder"; fi
  done
}

# Replaces the changed folders, and removes those of modules that are gone.
publish() {
  local module folder target
  if ((${#changed[@]})); then replace_changed; fi
  for target in "$output_dir/$prefix"*/; do
    target=${target%/} folder=${target##*/} module=${folder#"$prefix"}
    [[ -f $specs_dir/$module/specs/$spec_name ]] && continue
    rm -rf "$target" && removed=$((removed + 1))
    printf '%s: removed, its module has no %s\n' "$folder" "$spec_name"
  done
  printf '%s: %d written, %d unchanged, %d removed (%s)\n' "$kind" "$written" "$unchanged" "$removed" "$(elapsed)"
}

replace_changed() {
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
