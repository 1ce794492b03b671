/* compiler/cli/lsp.c - gcxc lsp: a language server for an editor on standard input and output. */
#include <signal.h>
#include <unistd.h>

#include "compiler/cli/command.h"
#include "compiler/cli/trial.h"
#include "compiler/lsp/server.h"

enum exit_code cli_lsp(const struct options *options)
{
    (void)options;
    signal(SIGPIPE, SIG_IGN); /* an editor that has closed the pipe is noticed when writing to it */
    return lsp_serve(STDIN_FILENO, STDOUT_FILENO, trial_tests) == 0 ? EXIT_GOOD : EXIT_PROBLEMS;
}
