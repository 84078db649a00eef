complete --keep-order --exclusive --command prodev --arguments "(COMPLETE=fish prodev -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
