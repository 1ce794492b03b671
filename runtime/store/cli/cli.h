/* runtime/store/cli/cli.h - gcxstore: declarations that its commands share. */
#pragma once

#include "runtime/host/real.h"
#include "runtime/store/store.h"

struct store_cli {
    struct store *store;
    const char *tenant, *parts;
    unsigned limit;
    bool yes;
    char **words;
    int count;
    struct error error;
};

enum cli_exit {
#define EXIT(name, number, doc) CLI_##name = number,
#include "runtime/store/cli/exits.def"
#undef EXIT
};

#define COMMAND(name, words, least, most, store, doc) enum cli_exit store_cli_##name(struct store_cli *);
#include "runtime/store/cli/commands.def"

/* Reads a word as a number above 0; false, with the error set. */
bool store_cli_number(struct store_cli *, int word, int64_t *);
/* Reads a word as store_cli_number() does, and checks that the number exists and belongs to the tenant. */
bool store_cli_owned(struct store_cli *, int word, enum store_of, int64_t *);
enum cli_exit store_cli_end(const struct store_cli *, bool good); /* what the error means */
