/* runtime/store/cli/change.c - gcxstore: the commands that maintain the store, and those that erase.
 *
 * `check` lists two kinds of open interactions: those of a core that is running, and orphans, which no router will
 * ever end. The store has the journals of the cores that have worked with it; an interaction has the journal of its
 * core. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/store/cli/cli.h"
#include "runtime/vocabulary/media.h"
#include "base/memory.h"
#include "base/shown.h"

enum { EXPIRE_ROWS = 200, WITHDRAWN_S = 2 };
#define DAY_US INT64_C(86400000000)

enum cli_exit store_cli_migrate(struct store_cli *cli)
{
    (void)cli; /* opening it was all */
    return CLI_ok;
}

static void cli_fault(void *count, const char *text)
{
    ++*(unsigned *)count;
    shown_print(stdout, "%s\n", text);
}

/* Lists the open interactions, and those among them that the router may not know. */
struct standing {
    bool tells;
    uint64_t newest; /* journal of the newest open interaction that has one: the router's present or last one */
    int64_t last;
    struct store_served *served; /* the cores that have worked with the store, the newest last */
    size_t served_count;
    unsigned rows, open, astray, others;
};

static void served_add(void *self, const struct store_served *served)
{
    struct standing *standing = self;
    standing->served = memory_grown(standing->served, standing->served_count + 1, sizeof *standing->served);
    standing->served[standing->served_count++] = *served;
}

enum standing_of { OF_NOBODY_KNOWN, OF_A_CORE, OF_A_LOST_ONE };

/* Whose is it? Returns OF_A_CORE for the journal of a running core, or of the last core of its selection domain;
 * OF_A_LOST_ONE for a core before that. */
static enum standing_of standing_of(const struct standing *standing, uint64_t journal)
{
    assert(standing->served || standing->served_count == 0);
    for (size_t at = 0; at < standing->served_count; at++) {
        const struct store_served *one = &standing->served[at];
        if (one->journal != journal) continue;
        for (size_t newer = at + 1; newer < standing->served_count && !one->lives; newer++)
            if (standing->served[newer].domain == one->domain) return OF_A_LOST_ONE;
        return OF_A_CORE;
    }
    return OF_NOBODY_KNOWN;
}

/* Called twice for each row: first to count and to find the newest journal, then to judge the row. */
static void standing_row(void *self, const struct store_shown *shown)
{
    struct standing *standing = self;
    bool told = shown->ixn.length > 0;
    standing->last = shown->interaction;
    standing->rows++;
    if (!standing->tells) {
        standing->open++;
        if (told && shown->journal != 0) standing->newest = shown->journal;
        return;
    }
    enum standing_of of = standing_of(standing, shown->journal);
    standing->others += of == OF_A_CORE && shown->journal != standing->newest;
    if (!span_is(shown->direction, "in") || (told && (shown->journal == 0 || of == OF_A_CORE))) return;
    if (told && of == OF_NOBODY_KNOWN && shown->journal == standing->newest) return;
    standing->astray++;
    shown_print(stdout, "interaction %lld, %.*s, is open, and %s\n", (long long)shown->interaction,
                (int)shown->media.length, (const char *)shown->media.bytes,
                told ? "the router's journal that it is of is not the newest" : "the router was never told of it");
}

/* Reads in pages, each after the last interaction of the page before; a page without a row is the end. */
static bool standing_list(struct store_cli *cli, struct standing *standing, bool tells)
{
    bool good = true;
    standing->tells = tells;
    for (const char *const *media = media_of_desks; good && *media; media++) {
        standing->last = 0;
        do {
            standing->rows = 0;
            good = store_unended(cli->store, cli->tenant, *media, 0, standing->last, EXPIRE_ROWS, standing_row,
                                 standing, &cli->error);
        } while (good && standing->rows > 0);
    }
    return good;
}

/* Checks the store; also removes uploads that nobody has used for a day. */
enum cli_exit store_cli_check(struct store_cli *cli)
{
    struct standing standing = {0};
    unsigned faults = 0;
    int64_t tidied;
    if (!store_check(cli->store, cli_fault, &faults, &cli->error) ||
        !store_tidy(cli->store, (int64_t)host_wall_clock_us() - DAY_US, &tidied, &cli->error))
        return store_cli_end(cli, false);
    bool good = store_all_served(cli->store, served_add, &standing, &cli->error) &&
                standing_list(cli, &standing, false) && standing_list(cli, &standing, true);
    free(standing.served);
    if (!good) return store_cli_end(cli, false);
    if (standing.open > 0)
        printf("%u interactions stand open, %u of them as orphans: gcxctl reconcile compares them with the router\n",
               standing.open, standing.astray);
    if (standing.others > 0)
        printf("%u of them are of other routers that have this store, and are theirs\n", standing.others);
    if (tidied > 0) printf("%lld uploads of nobody were removed\n", (long long)tidied);
    return faults > 0 ? CLI_damaged : CLI_ok;
}

/* Asks for the number once more, since an erasing cannot be undone. With --yes the question is left out, for
 * scripts. */
static bool store_cli_confirmed(struct store_cli *cli, int64_t contact, const char *what)
{
    char line[32];
    if (cli->yes) return true;
    printf("Type its number to go on: ");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) && strtoll(line, NULL, 10) == contact) return true;
    return error_set(&cli->error, ERROR_INPUT, "nothing was %s", what);
}

static bool merge_confirmed(struct store_cli *cli, int64_t kept, int64_t other)
{
    if (!cli->yes)
        printf("Contact %lld is about to become contact %lld for ever, with addresses, fields and interactions.\n",
               (long long)other, (long long)kept);
    return store_cli_confirmed(cli, other, "merged");
}

static bool erase_confirmed(struct store_cli *cli, int64_t contact)
{
    if (!cli->yes)
        printf("Names, addresses, texts and files of contact %lld are about to go for ever.\n", (long long)contact);
    return store_cli_confirmed(cli, contact, "erased");
}

enum cli_exit store_cli_set(struct store_cli *cli)
{
    int64_t contact;
    const char *name = cli->words[1], *value = cli->words[2];
    if (!store_cli_owned(cli, 0, STORE_OF_contact, &contact) ||
        !store_field(cli->store, contact, span_of(name), span_of(value), (int64_t)host_wall_clock_us(), &cli->error))
        return store_cli_end(cli, false);
    printf("contact %lld %s field %s\n", (long long)contact, *value ? "has the" : "has no longer a", name);
    return CLI_ok;
}

enum cli_exit store_cli_merge(struct store_cli *cli)
{
    int64_t kept, other;
    if (!store_cli_owned(cli, 0, STORE_OF_contact, &kept) || !store_cli_owned(cli, 1, STORE_OF_contact, &other) ||
        !merge_confirmed(cli, kept, other) ||
        !store_merge(cli->store, kept, other, (int64_t)host_wall_clock_us(), &cli->error))
        return store_cli_end(cli, false);
    printf("contact %lld is now contact %lld\n", (long long)other, (long long)kept);
    return CLI_ok;
}

enum cli_exit store_cli_erase(struct store_cli *cli)
{
    int64_t contact, count;
    if (!store_cli_owned(cli, 0, STORE_OF_contact, &contact) || !erase_confirmed(cli, contact) ||
        !store_erase(cli->store, contact, (int64_t)host_wall_clock_us(), &count, &cli->error))
        return store_cli_end(cli, false);
    printf("contact %lld and the bodies of %lld interactions are erased\n", (long long)contact, (long long)count);
    return CLI_ok;
}

enum cli_exit store_cli_forget(struct store_cli *cli)
{
    int64_t contacts, count;
    if (!store_forget(cli->store, span_of(cli->words[0]), (int64_t)host_wall_clock_us(), &contacts, &count,
                      &cli->error))
        return store_cli_end(cli, false);
    printf("%lld contacts and the bodies of %lld interactions are erased\n", (long long)contacts, (long long)count);
    return CLI_ok;
}

/* Withdraws a person's callbacks in the store; running adapters look for that once a second. */
enum cli_exit store_cli_withdraw(struct store_cli *cli)
{
    int64_t count;
    if (!store_withdraw(cli->store, span_of(cli->words[0]), &count, &cli->error)) return store_cli_end(cli, false);
    printf("%lld call-backs are withdrawn\n", (long long)count);
    if (count > 0) sleep(WITHDRAWN_S);
    return CLI_ok;
}

/* Removes in pages, so that no transaction holds the store for long. */
enum cli_exit store_cli_expire(struct store_cli *cli)
{
    int64_t days, count = 1, total = 0;
    if (!store_cli_number(cli, 0, &days)) return store_cli_end(cli, false);
    int64_t now = (int64_t)host_wall_clock_us(), before = days < now / DAY_US ? now - days * DAY_US : 0;
    while (count > 0) {
        if (!store_expire(cli->store, cli->tenant, before, EXPIRE_ROWS, &count, &cli->error))
            return store_cli_end(cli, false);
        total += count;
    }
    printf("%lld interactions removed\n", (long long)total);
    return CLI_ok;
}
