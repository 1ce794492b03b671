/* runtime/lists/cli/cli.h - gcxlists: declarations that its commands share. */
#pragma once

#include "runtime/host/real.h"
#include "runtime/lists/lists.h"

struct lists_cli {
    struct lists *lists;
    const char *tenant, *reason, *list;
    struct lists_form form;
    const char **map;
    size_t map_count;
    int64_t days;    /* 0: for ever */
    int64_t pause_s; /* 0: not given */
    bool customer, quiet, chain;
    char **words;
    struct error error;
};

enum cli_exit {
#define EXIT(name, number, doc) CLI_##name = number,
#include "runtime/lists/cli/exits.def"
#undef EXIT
};

#define COMMAND(name, words, least, most, database, doc) enum cli_exit lists_cli_##name(struct lists_cli *);
#include "runtime/lists/cli/commands.def"

enum cli_exit lists_cli_end(const struct lists_cli *, bool good); /* returns the exit code for `good`, or for the
                                                                   * error */
