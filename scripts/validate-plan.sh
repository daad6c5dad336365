#!/usr/bin/env bash
# Run the commands that check the tasks of the plan, and print "passed", "failed" or "not run" for each.
# Write the status document if every task was run. Usage: validate-plan.sh TABLE STATUS [TASK...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset MAKEFLAGS MFLAGS MAKELEVEL

table=$1 status=$2 wanted=" ${*:3} "
for task in "${@:3}"; do
  grep -q "^${task//./[.]} " "$table" || { echo "error: $table has no task $task" >&2; exit 1; }
done
log=$(mktemp) rows=$(mktemp)
trap 'rm -f "$log" "$rows"' EXIT

run_command() { # FOLDER COMMAND
  if [[ $2 == "poetry "* && -z $(type -P poetry) ]]; then
    result="not run" reason="poetry is not on the PATH: $2"
  elif (cd "$1" && bash -euo pipefail -c "$2") </dev/null >"$log" 2>&1; then
    result=passed
  else
    result=failed reason="$1\$ $2"$'\n'$(tail -n 20 "$log")
  fi
}

report_task() {
  [[ $task ]] || return 0
  printf '%-4s %-8s %s\n' "$task" "${result:=not run}" "$title"
  [[ -z $reason ]] || printf '     %s\n' "${reason//$'\n'/$'\n     '}"
  printf '| %s | %s | %s |\n' "$task" "$title" "$result" >>"$rows"
}

task=''
while read -r first rest; do
  if [[ $first == *'$' && $task && ${result:-passed} == passed ]]; then
    run_command "${first%?}" "$rest"
  elif [[ $first == [0-9C].[0-9] ]]; then
    report_task
    task='' title=$rest result='' reason=''
    [[ $wanted != "  " && $wanted != *" $first "* ]] || task=$first
  fi
done <"$table"
report_task

if grep -q '| not run |$' "$rows"; then
  echo "$status is unchanged: some tasks were not run" >&2
elif [[ $wanted == "  " ]]; then
  cat - "$rows" >"$status" <<EOF_STATUS
# Status of the refactoring plan

This project began as one process whose modules imported each other. The refactoring plan turned it into modules that can
run as separate services: each has its own OpenAPI and AsyncAPI spec, and clients generated from these specs connect the
modules with each other and with the page. The plan has six phases: module discovery (0), specs (1), Python clients (2),
TypeScript clients (3), make targets (4) and CI (5), and ends with a checklist (C).

\`make validate\` wrote this table. It runs the commands that [plan.txt](../scripts/plan.txt) lists for each task; a task
has passed if all of them succeed. \`make validate TASK=2.5\` runs one task and leaves the table unchanged.

| Task | What the task asks for | Result |
|---|---|---|
EOF_STATUS
fi
! grep -q '| failed |$' "$rows"
