/* tests/bench/store.c - E-mails put into the contact store, each durable before the next: store FILE COUNT [sql].
 * Prints how many a second. With `sql` it prints what has the sqlite3 shell insert the same bodies instead, each in a
 * commit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/store/store.h"

enum { BODY = 4096, SENDERS = 100 };

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 16;
}

/* Some 5,000 words, the first ones often, as in a language; the same for both. */
static void body_make(char body[BODY + 1], unsigned seed)
{
    for (int at = 0; at < BODY;) {
        unsigned chance = next(&seed) % 5000, word = chance * (next(&seed) % 5000) / 5000, letters = word;
        for (unsigned length = 2 + word % 9; length > 0 && at < BODY; length--)
            body[at++] = (char)('a' + next(&letters) % 26);
        if (at < BODY) body[at++] = ' ';
    }
    body[BODY] = '\0';
}

static void sql_print(unsigned count)
{
    char body[BODY + 1];
    puts("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;\n"
         "CREATE TABLE mail(id INTEGER PRIMARY KEY, external_id TEXT UNIQUE, sender TEXT, body TEXT);");
    for (unsigned i = 0; i < count; i++) {
        body_make(body, i);
        printf("INSERT INTO mail(external_id, sender, body) VALUES('<%u@x>', 's%u@x.org', '%s');\n", i, i % SENDERS,
               body);
    }
}

static bool put(struct store *store, unsigned number, struct error *error)
{
    char body[BODY + 1], id[32], sender[32];
    struct store_key key;
    body_make(body, number);
    snprintf(id, sizeof id, "<%u@x>", number);
    snprintf(sender, sizeof sender, "s%u@x.org", number % SENDERS);
    struct store_arrival mail = {
        .tenant = "",
        .media = "email",
        .external_id = span_of(id),
        .kind = STORE_email,
        .address = span_of(sender),
        .received = 1 + number,
        .message = {.at = 1 + number, .subject = span_of("order"), .text = span_of(body)},
    };
    return store_put(store, &mail, &key, error) && !key.known;
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct timespec began, ended;
    char target[4096];
    if (argc < 3) return 2;
    unsigned count = (unsigned)atoi(argv[2]);
    if (argc > 3) {
        sql_print(count);
        return 0;
    }
    snprintf(target, sizeof target, "sqlite:%s", argv[1]);
    struct store *store = store_open(target, NULL, &error);
    clock_gettime(CLOCK_MONOTONIC, &began);
    bool good = store != NULL;
    for (unsigned i = 0; good && i < count; i++) good = put(store, i, &error);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    store_close(store);
    if (!good) {
        fprintf(stderr, "store: %s\n", error.text);
        return 1;
    }
    printf("%.0f\n", count / ((double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9));
    return 0;
}
