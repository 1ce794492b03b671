/* tests/unit/domains_passage.c - The directory of domains, and rows on their way: each id goes one way, once. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/domains/domains.h"
#include "runtime/vocabulary/vocabulary.h"

static char path[64];
static struct domains *domains;
static struct passage seen[32];
static unsigned seen_count;
static struct error error;

static void begin(void)
{
    char target[80];
    (void)snprintf(path, sizeof path, "/tmp/gcx-domains-%d.db", (int)getpid());
    (void)snprintf(target, sizeof target, "sqlite:%s", path);
    unlink(path);
    domains = domains_open(target, &error);
    cr_assert(domains, "%s", error.text);
}

static void end(void)
{
    char beside[80];
    domains_close(domains);
    unlink(path);
    (void)snprintf(beside, sizeof beside, "%s-wal", path);
    unlink(beside);
    (void)snprintf(beside, sizeof beside, "%s-shm", path);
    unlink(beside);
}

TestSuite(domains_passage, .init = begin, .fini = end, .timeout = 30);

static void passage_is_seen(void *self, const struct passage *row)
{
    (void)self;
    cr_assert(seen_count < 32);
    seen[seen_count++] = *row;
}

static unsigned due(uint64_t target)
{
    seen_count = 0;
    cr_assert(passages_due(domains, target, 32, passage_is_seen, NULL, &error), "%s", error.text);
    return seen_count;
}

static unsigned settled(uint64_t source)
{
    seen_count = 0;
    cr_assert(passages_settled(domains, source, "", 32, passage_is_seen, NULL, &error), "%s", error.text);
    return seen_count;
}

static void put(const char *id, uint64_t source, uint64_t target, uint64_t ixn)
{
    struct passage row = {.source = source, .target = target, .ixn = ixn, .frame = span_of("frame")};
    strcpy(row.id, id);
    cr_assert(passage_put(domains, &row, 1000, &error), "%s", error.text);
}

static void settle(const char *id, uint64_t target, enum passage_state state, uint64_t ixn)
{
    struct passage row = {.target = target, .state = state, .ixn = ixn, .code = code_invalid_dn};
    strcpy(row.id, id);
    cr_assert(passage_settle(domains, &row, &error), "%s", error.text);
}

static uint64_t found(const char *queue, const char *number)
{
    uint64_t domain;
    cr_assert(domains_find(domains, span_of(queue), span_of(number), &domain, &error), "%s", error.text);
    return domain;
}

Test(domains_passage, a_queue_belongs_to_the_domain_that_was_said_last)
{
    cr_assert(domains_assign(domains, "queue:billing=2", &error) && domains_assign(domains, "number:1800=3", &error));
    cr_expect_eq(found("billing", "1800"), 2, "the queue counts more than its number");
    cr_expect_eq(found("sales", "1800"), 3);
    cr_assert(domains_assign(domains, "queue:billing=4", &error));
    cr_expect_eq(found("billing", ""), 4);
    cr_assert(domains_assign(domains, "queue:billing=", &error));
    cr_expect_eq(found("billing", ""), 0);
    static const char *const wrong[] = {"billing=2",
                                        "queue:=2",
                                        "queue:billing",
                                        "queue:billing=x",
                                        "shop:billing=2",
                                        "queue:billing=65536",
                                        "queue:billing=-1",
                                        "queue:billing=0",
                                        "queue:bill\ning=2",
                                        "queue:bill\xffing=2",
                                        "queue:\u202ebilling=2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect(!domains_assign(domains, wrong[i], &error) && error.code == ERROR_INPUT, "%s", wrong[i]);
}

Test(domains_passage, what_is_put_twice_is_one_and_its_outcome_is_told_again)
{
    put("1-000000000001-7", 1, 2, 1);
    put("1-000000000001-7", 1, 3, 1);
    cr_assert(due(3) == 0 && due(2) == 1);
    cr_expect_eq(seen[0].frame.length, 5);
    settle("1-000000000001-7", 3, PASSAGE_REFUSED, 0);
    cr_expect_eq(due(2), 1, "only its target settles it");
    settle("1-000000000001-7", 2, PASSAGE_TAKEN, 99);
    settle("1-000000000001-7", 2, PASSAGE_REFUSED, 0);
    cr_assert(due(2) == 0 && settled(1) == 1);
    cr_expect(seen[0].state == PASSAGE_TAKEN && seen[0].ixn == 99 && seen[0].frame.length == 0);
    cr_assert(passage_told(domains, "1-000000000001-7", &error));
    cr_expect_eq(settled(1), 0);
    put("1-000000000001-7", 1, 2, 1); /* the source's core has not heard it */
    cr_expect(due(2) == 0 && settled(1) == 1);
    cr_assert(passages_sweep(domains, 1, 2000, &error));
    cr_expect_eq(settled(1), 1, "what is to be told stays");
}

Test(domains_passage, what_nobody_has_is_refused_for_good)
{
    put("1-000000000001-7", 1, 0, 1);
    cr_assert_eq(settled(1), 1);
    cr_expect(seen[0].state == PASSAGE_REFUSED && seen[0].code == code_invalid_destination);
    put("1-000000000001-7", 1, 2, 1); /* by a process that woke up late */
    cr_expect_eq(due(2), 0);
}

Test(domains_passage, another_domain_gets_what_was_sent_to_the_wrong_one)
{
    put("1-000000000001-7", 1, 2, 1);
    cr_assert_eq(due(2), 1);
    cr_assert(passage_forward(domains, "1-000000000001-7", 2, 3, &error));
    cr_assert(passage_forward(domains, "1-000000000001-7", 2, 4, &error), "it is no longer domain 2's to forward");
    cr_expect(due(2) == 0 && due(3) == 1 && due(4) == 0);
}

Test(domains_passage, a_row_comes_back_while_its_target_has_not_come_for_it)
{
    put("a/1-000000000001-7", 1, 2, 1); /* sent at 1000 */
    put("b/1-000000000001-7", 1, 2, 1); /* of another journal, which may know nothing of it any more */
    cr_assert(passages_take_back(domains, 1, "a/", 1000, &error));
    cr_expect_eq(settled(1), 0, "it is not late");
    cr_assert(passages_take_back(domains, 1, "a/", 1001, &error));
    cr_assert_eq(settled(1), 1);
    cr_expect(seen[0].state == PASSAGE_REFUSED && seen[0].code == code_unavailable && seen[0].frame.length == 0);
    cr_assert_eq(due(2), 1);
    cr_expect_str_eq(seen[0].id, "b/1-000000000001-7");
    cr_assert(passages_take_back(domains, 1, "b/", 1001, &error) &&
              passage_take_back(domains, "b/1-000000000001-7", &error));
    cr_expect_eq(due(2), 1, "the target has it in its hands");
    settle("b/1-000000000001-7", 2, PASSAGE_TAKEN, 99);
    put("a/1-000000000002-1", 1, 9, 2);
    cr_assert(passage_take_back(domains, "a/1-000000000002-1", &error));
    settle("a/1-000000000002-1", 9, PASSAGE_TAKEN, 99);
    cr_assert_eq(settled(1), 3);
    cr_expect(seen[1].code == code_gone && seen[2].state == PASSAGE_TAKEN);
    seen_count = 0;
    cr_assert(passages_settled(domains, 1, "b/", 1, passage_is_seen, NULL, &error), "%s", error.text);
    cr_expect_str_eq(seen[0].id, "b/1-000000000001-7", "others do not keep it from being told");
}

Test(domains_passage, a_row_that_its_target_has_not_seen_comes_back)
{
    put("a/1", 1, 2, 1);
    put("a/2", 1, 2, 2);
    seen_count = 0;
    cr_assert(passages_due(domains, 2, 1, passage_is_seen, NULL, &error), "%s", error.text);
    cr_assert(seen_count == 1 && strcmp(seen[0].id, "a/1") == 0);
    cr_assert(passages_take_back(domains, 1, "a/", 1001, &error));
    cr_assert_eq(settled(1), 1);
    cr_expect_str_eq(seen[0].id, "a/2");
}

Test(domains_passage, a_circle_ends)
{
    char id[PASSAGE_ID];
    for (unsigned i = 0; i < DOMAINS_HOPS; i++) { /* each domain hands on what it has just taken */
        uint64_t from = 1 + i % 2, to = 2 - i % 2;
        (void)snprintf(id, sizeof id, "%u-000000000001-%u", (unsigned)from, i);
        put(id, from, to, 100 + i);
        cr_assert_eq(due(to), 1, "%u", i);
        settle(id, to, PASSAGE_TAKEN, 101 + i);
    }
    put("1-000000000001-99", 1, 2, 100 + DOMAINS_HOPS);
    cr_expect_eq(due(2), 0);
}

/* The tables are named otherwise behind the back of who has the database open, or as they were. */
static void tables_are(bool there)
{
    static const char *const names[] = {"gcx_directory", "gcx_passage", "gcx_loan"};
    char text[80];
    sqlite3 *other;
    cr_assert_eq(sqlite3_open(path, &other), SQLITE_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(text, sizeof text, "ALTER TABLE %s%s RENAME TO %s%s", there ? "x_" : "", names[i],
                       there ? "" : "x_", names[i]);
        cr_assert_eq(sqlite3_exec(other, text, NULL, NULL, NULL), SQLITE_OK, "%s: %s", text, sqlite3_errmsg(other));
    }
    sqlite3_close(other);
}

static void see_loan(void *self, const struct loan_row *row)
{
    (void)self, (void)row;
}

static void see_place(void *self, struct span kind, struct span name, uint64_t domain)
{
    (void)self, (void)kind, (void)name, (void)domain;
}

#define EACH_IS(good)                                                                                                  \
    do {                                                                                                               \
        cr_expect_eq(domains_assign(domains, "queue:mail=2", &error), good);                                           \
        cr_expect_eq(domains_assign(domains, "queue:mail=", &error), good);                                            \
        cr_expect_eq(domains_list(domains, see_place, NULL, &error), good);                                            \
        cr_expect_eq(domains_find(domains, span_of("mail"), span_of("1"), &domain, &error), good);                     \
        cr_expect_eq(passage_put(domains, &row, 1000, &error), good);                                                  \
        cr_expect_eq(passage_take_back(domains, row.id, &error), good);                                                \
        cr_expect_eq(passages_take_back(domains, 1, "", 1001, &error), good);                                          \
        cr_expect_eq(passages_due(domains, 2, 1, passage_is_seen, NULL, &error), good);                                \
        cr_expect_eq(passages_settled(domains, 1, "", 1, passage_is_seen, NULL, &error), good);                        \
        cr_expect_eq(passage_settle(domains, &row, &error), good);                                                     \
        cr_expect_eq(passage_forward(domains, row.id, 2, 3, &error), good);                                            \
        cr_expect_eq(passage_told(domains, row.id, &error), good);                                                     \
        cr_expect_eq(passages_sweep(domains, 1, 1001, &error), good);                                                  \
        cr_expect_eq(loan_put(domains, &loan, &error), good);                                                          \
        cr_expect_eq(loan_answer(domains, &loan, &error), good);                                                       \
        cr_expect_eq(loan_told(domains, &loan, &error), good);                                                         \
        cr_expect_eq(loans_read(domains, 1, true, see_loan, NULL, &error), good);                                      \
    } while (0)

Test(domains_passage, what_the_database_refuses_is_no_success_and_leaves_nothing_open)
{
    uint64_t domain;
    const struct passage row = {
        .id = "1-1-1", .source = 1, .target = 2, .ixn = 7, .frame = span_of("frame"), .state = PASSAGE_TAKEN};
    const struct loan_row loan = {.agent = "mia", .home = 1, .target = 2, .number = 1};
    tables_are(false);
    EACH_IS(false);
    tables_are(true);
    EACH_IS(true);
    domains_close(NULL);
}
