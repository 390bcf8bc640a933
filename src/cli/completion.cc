#include "cli/cli.h"
#include "cli/verbs.h"

namespace keyferry::cli {

namespace {

// The scripts ask `keyferry … --help` for verbs and flags, so that they never go stale.
constexpr const char* kBash =
    R"sh(# keyferry completion for bash: source <(keyferry completion bash)
_keyferry() {
  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$(keyferry --help |
      sed -n '/^Subcommands:/,$ s/^  \([a-z]*\) .*/\1/p') --help --version" -- "$word")
  elif [ "${word#-}" != "$word" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$(keyferry "$verb" --help |
      grep -oE -- '--[a-z][a-z-]+' | sort -u)" -- "$word")
  elif [ "$verb" = completion ]; then
    mapfile -t COMPREPLY < <(compgen -W "bash zsh fish" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -o filenames -F _keyferry keyferry
)sh";

constexpr const char* kZsh = R"sh(# keyferry completion for zsh: source <(keyferry completion zsh)
_keyferry() {
  if (( CURRENT == 2 )); then
    compadd -- $(keyferry --help | sed -n '/^Subcommands:/,$ s/^  \([a-z]*\) .*/\1/p') \
      --help --version
  elif [[ ${words[CURRENT]} == -* ]]; then
    compadd -- $(keyferry ${words[2]} --help | grep -oE -- '--[a-z][a-z-]+' | sort -u)
  elif [[ ${words[2]} == completion ]]; then
    compadd -- bash zsh fish
  else
    _files
  fi
}
compdef _keyferry keyferry
)sh";

constexpr const char* kFish = R"sh(# keyferry completion for fish: keyferry completion fish | source
function __keyferry_verbs
  keyferry --help | sed -n '/^Subcommands:/,$ s/^  \([a-z]*\)  *\(.*\)/\1\t\2/p'
end
function __keyferry_flags
  set -l words (commandline -opc)
  keyferry $words[2] --help | grep -oE -- '--[a-z][a-z-]+' | sort -u
end
complete -c keyferry -n __fish_use_subcommand -f -a '(__keyferry_verbs)'
complete -c keyferry -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -a '(__keyferry_flags)'
complete -c keyferry -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'
)sh";

}  // namespace

int run_verb(const CompletionOptions& options, Terminal& terminal) {
  terminal.print(options.shell == "bash" ? kBash : options.shell == "zsh" ? kZsh : kFish);
  return kGood;
}

}  // namespace keyferry::cli
