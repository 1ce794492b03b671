/* runtime/ctl/ctl.h - The parts of gcxctl: the connection to gcxvm, the command line, completion, and commands that
 * run for longer.
 *
 * Owns the connection to one gcxvm; one request at a time waits for its answer on it. Of the daemon gcxctl uses only
 * what is in runtime/daemon/protocol. One thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/daemon/protocol/commands.h"

enum ctl_exit {
#define EXIT(name, number, doc) CTL_##name = number,
#include "runtime/ctl/exits.def"
#undef EXIT
};

/* The rows of options.def: gcxctl's own options, and where each of them may be used. */
enum own_where { OWN_ANY, OWN_ACTS, OWN_SHELL };
enum own_id {
#define OPTION(id, name, word, where, doc) OWN_##id,
#include "runtime/ctl/options.def"
#undef OPTION
    OWN_COUNT
};
struct own_option {
    const char *name, *word, *doc; /* `word` empty: the option takes no value */
    enum own_where where;
};
extern const struct own_option own_options[OWN_COUNT]; /* help.c */

/* A connection to a gcxvm. Before its first use all but path and timeout is zero; it is connected at the first
 * request, and again after it was lost. */
struct ctl {
    const char *path;
    unsigned timeout_s;
    FILE *stream;
    bool quiet;   /* errors are not written to standard error */
    bool patient; /* a request may take long: wait as long as gcxvm answers others */
    bool strict;  /* the user gave the timeout: no request waits longer */
};

/* Sends the request, whose reference it takes, and returns the answer if gcxvm has accepted the request. NULL: gcxvm
 * has not accepted it. What is wrong and what to do was then written to standard error, and `*result` is gcxctl's exit
 * code. */
json_t *ctl_ask(struct ctl *, json_t *request, enum ctl_exit *result);
/* Like ctl_ask(), for a command whose answers come in pages: joins the rows in the member `list`, at most `limit`
 * (0: all). */
json_t *ctl_ask_all(struct ctl *, json_t *request, const char *list, unsigned long limit, enum ctl_exit *result);
void ctl_close(struct ctl *);

/* A command with its options, as it was typed. */
struct ctl_line {
    enum command_id command;
    json_t *request;     /* the request for gcxvm: the command's name and its members */
    unsigned long limit; /* at most so many rows of a list; 0: all */
    bool export_test, json, follow, batch, check, all, folded, lcov;
    unsigned by;         /* the count by which the lines of a profile are sorted (vm/profile.h) */
    unsigned long lines; /* lines of a profile to show; 0: all that gcxvm sends */
    double watch_s;      /* seconds between two requests; 0: the request is sent once */
    unsigned long rounds, delay_s;
    const char *duration; /* of shadow: how long it is played; NULL: until it is interrupted */
    const char *journal;  /* the configuration file whose journal is asked; NULL: the running gcxvm */
};

/* Completes the last of a shell's words: prints each possible word on a line, with a tab and its meaning. */
void ctl_complete(struct ctl *, int count, char **words);
void ctl_help(void);
void ctl_help_of(enum command_id);

/* follow.c, top.c: run until the interaction has ended, or forever. */
enum ctl_exit ctl_follow(struct ctl *, const struct ctl_line *);
enum ctl_exit ctl_top(struct ctl *, const struct ctl_line *);
/* past.c: answers the request from the journal of the gcxvm whose configuration is `file`; returns as ctl_ask(). */
json_t *ctl_past(const char *file, const json_t *request, enum ctl_exit *result);
/* past.c: becomes the gcxvm that erases or restores; returns only if that cannot be started. */
enum ctl_exit ctl_erase(const struct ctl_line *);
enum ctl_exit ctl_restore(const struct ctl_line *);
/* past.c: becomes the gcxtwin in gcxctl's own folder, which ends with 0: nothing differs, 1: something does, 2:
 * trouble, 3: nothing came; returns only if it cannot be started. */
enum ctl_exit ctl_what_if(const struct ctl *, const struct ctl_line *);
enum ctl_exit ctl_soon(const struct ctl *, const struct ctl_line *);
enum ctl_exit ctl_shadow(const struct ctl *, const struct ctl_line *);
/* past.c: runs the gcxvm in gcxctl's own folder, which shows what an upgrade would carry over. */
enum ctl_exit ctl_upgrade(const struct ctl_line *);
/* past.c: writes the path of a program in gcxctl's own folder, of at most PATH_MAX bytes. */
bool ctl_beside(const char *name, char path[]);
/* rollout_test.c: prints a test of an interaction that a guard of the rollout was about. */
enum ctl_exit ctl_rollout_test(struct ctl *, const struct ctl_line *);
/* campaign.c: waits until the list of a campaign that was loaded or started has answered, and writes what is wrong. */
enum ctl_exit ctl_await_list(struct ctl *, const struct ctl_line *);
/* profile.c: has gcxvm count for the time in the request; returns all rows, as ctl_ask(). */
json_t *ctl_profile(struct ctl *, const json_t *request, enum ctl_exit *result);
void ctl_show_profile(const struct ctl_line *, const json_t *answer);
/* export.c: writes the directory in force to files. */
enum ctl_exit ctl_export(struct ctl *, const struct ctl_line *);
