# Bash completion for forktable.

_forktable() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' options i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${COMP_WORDS[i]} in
      replay | record | inspect | export | compare | lessons | doctor) command=${COMP_WORDS[i]} && break ;;
    esac
  done

  COMPREPLY=()
  case $before in
    --lesson)
      # A name, or a file of one's own.
      mapfile -t COMPREPLY < <(
        compgen -W "$("${COMP_WORDS[0]}" lessons 2>/dev/null | sed -n 's/^\([0-9][^ ]*\).*/\1/p')" -- "$word"
        compgen -f -X '!*.yaml' -- "$word"
        compgen -f -X '!*.yml' -- "$word"
        compgen -d -- "$word"
      )
      compopt -o filenames 2>/dev/null
      return
      ;;
    --lessons)
      # What stands behind the last comma is completed.
      local before_comma=''
      [[ $word == *,* ]] && before_comma=${word%,*},
      mapfile -t COMPREPLY < <(
        compgen -P "$before_comma" \
          -W "$("${COMP_WORDS[0]}" lessons 2>/dev/null | sed -n 's/^\([0-9][^ ]*\).*/\1/p')" -- "${word##*,}"
      )
      compopt -o nospace 2>/dev/null
      return
      ;;
    --bug)
      mapfile -t COMPREPLY < <(compgen -W 'parent-keeps-connfd child-keeps-listenfd no-sigchld-handler one-waitpid
        no-eintr-check child-never-exits errno-clobbered slow-handler connfd-race threads-not-detached threads-joined
        closes-twice no-semaphore sigpipe-kills not-replaced one-client-each no-cloexec sigchld-not-blocked' -- "$word")
      return
      ;;
    --step) mapfile -t COMPREPLY < <(compgen -W 'last telling' -- "$word") && return ;;
    --theme) mapfile -t COMPREPLY < <(compgen -W 'light dark' -- "$word") && return ;;
    --server | --beside)
      mapfile -t COMPREPLY < <(compgen -W 'process process-fifo process-shm process-jobs iterative event event-epoll thread prefork inetd' \
        -- "$word")
      return
      ;;
    --servers)
      # The last of a list with commas.
      local last=${word##*,}
      mapfile -t COMPREPLY < <(compgen -P "${word%"$last"}" -W 'iterative process event event-epoll thread process-fifo
        process-shm prefork inetd process-jobs' -- "$last")
      return
      ;;
    --port | --clients | --scale | --steps) return ;;
    -o | --output)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      compopt -o filenames 2>/dev/null
      return
      ;;
  esac

  case $command in
    '') options='--help --version --server --beside --lesson --lessons --bug --port --verbose' ;;
    record) options='--help --lesson --bug --clients --server --port --force --output' ;;
    inspect) options='--help --step --json' ;;
    export)
      options='--help --step --steps --all --every-step --stops --theme --scale --transparent --outlines --force --output'
      ;;
    compare) options='--help --clients --servers --json --theme --force --output' ;;
    lessons) options='--help --json' ;;
    replay) options='--help --verbose' ;;
    doctor) options='--help' ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'replay record inspect export compare lessons doctor' -- "$word")
  elif [[ $command == replay || $command == inspect || $command == export ]]; then
    mapfile -t COMPREPLY < <(
      compgen -f -X '!*.forktable' -- "$word"
      compgen -f -X '!*.jsonl' -- "$word"
      compgen -d -- "$word"
    )
    compopt -o filenames 2>/dev/null
  fi
} && complete -F _forktable forktable
