# Prints the targets of Makefiles from their own comments: `##@ Section`, and `target: deps ## text`.
BEGIN { FS = ":.*## " }
/^##@ / { section = substr($0, 5); next }
/^[a-zA-Z0-9_<>%-]+:.*## / || /^## [a-z%<>-]+: / {
    if ($0 ~ /^## /) { name = $0; sub(/^## /, "", name); text = name; sub(/:.*/, "", name); sub(/^[^:]*: /, "", text) }
    else { name = $1; text = $2 }
    if (section != "") { printf "\n%s\n", section; section = "" }
    printf "  %-28s %s\n", name, text
}
