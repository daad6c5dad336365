#!/usr/bin/env bash
# Run the workflow, or one job and the jobs it needs, on this machine. Usage: run-workflow.sh [JOB]
#
# act runs the steps of each job in a folder of its own, from a clone of the last commit. The folder
# stubs/ replaces the actions, which would need GitHub: artifacts are copied through a folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
unset MAKEFLAGS MFLAGS MAKELEVEL

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/artifacts"
git diff --quiet HEAD -- ../.. || echo "uncommitted changes are not part of this run" >&2
git clone --quiet --no-local --depth 1 ../.. "$folder/clone"
workflow=$folder/clone/.github/workflows/ci.yml
if [[ ${1-} ]] && ! grep -q "^  $1:\$" "$workflow"; then
  echo "error: $1 is not a job of the workflow: $(sed -n '/^jobs:/,$s/^  \([a-z-]*\):$/\1/p' "$workflow" | xargs)" >&2
  exit 1
fi

stubs=()
while read -r action; do # such as actions/setup-node@<commit>
  name=${action%@*}
  stubs+=("--local-repository=$action=$PWD/stubs/${name#*/}")
done < <(grep -Eo 'actions/(setup|upload|download)-[^ ]+' "$workflow" | sort -u)

.venv/bin/act push --directory "$folder/clone" --workflows "$workflow" --platform ubuntu-latest=-self-hosted \
  --no-cache-server --action-cache-path "$folder/act" --log-prefix-job-id --concurrent-jobs 1 \
  --env TERM=dumb --env "ARTIFACTS=$folder/artifacts" "${stubs[@]}" ${1:+--job "$1"}
