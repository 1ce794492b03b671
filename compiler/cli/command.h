/* compiler/cli/command.h - The commands of gcxc: what main.c hands to them, and their exit codes. */
#ifndef COMPILER_CLI_COMMAND_H
#define COMPILER_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exit_code { EXIT_GOOD = 0, EXIT_PROBLEMS = 1, EXIT_USAGE = 2 };

struct options {
    const char *const *paths;
    size_t path_count;
    const char *output; /* -o */
    const char *site;   /* --site */
    const char *filter; /* --filter */
    const char *source;  /* --source */
    const char *connect; /* --connect */
    uint64_t seed;      /* --seed */
    bool verbose;       /* --verbose */
};

enum exit_code command_build(const struct options *);
enum exit_code command_check(const struct options *);
enum exit_code command_dis(const struct options *);
enum exit_code command_schema(const struct options *); /* the first path is the word `pull` */
enum exit_code command_test(const struct options *);

#endif
