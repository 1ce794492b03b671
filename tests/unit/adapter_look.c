/* tests/unit/adapter_look.c - What plugins say of their settings for `gcxvm --check`: each case is a site in rows. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/look.h"
#include "runtime/vocabulary/contract.h"
#include "base/out.h"
#include "tests/unit/papers.h"

/* ---- a site, and what is said of it ---- */

static const struct gcx_site_name *names; /* `where` is the kind; NULL at the end */
static char found[2048];

static void note(const char *what, const char *key, const char *text)
{
    size_t length = strlen(found);
    snprintf(found + length, sizeof found - length, "%s %s: %s\n", what, key, text);
}

static const char *const (*settings)[2]; /* NULL: none is set */

static const char *setting(void *self, const char *key)
{
    (void)self;
    for (const char *const(*one)[2] = settings; one && (*one)[0]; one++)
        if (strcmp((*one)[0], key) == 0) return (*one)[1];
    return NULL;
}

static bool name_at(void *self, const char *kind, size_t index, struct gcx_site_name *name)
{
    (void)self;
    for (const struct gcx_site_name *one = names; one && one->name; one++)
        if (strcmp(one->where, kind) == 0 && index-- == 0) {
            *name = *one;
            return true;
        }
    return false;
}

static void tells(void *self, int level, const char *key, const char *text)
{
    (void)self;
    note(level >= GCX_LOG_ERROR ? "fails" : "warns", key, text);
}

static void takes(void *self, const char *key, const char *thing)
{
    (void)self;
    note("takes", key, thing);
}

static void adds(void *self, const char *kind, const char *name, const char *of)
{
    (void)self, (void)of;
    note("adds", kind, name);
}

static const struct gcx_look look = {NULL, setting, name_at, tells, takes, adds};

/* The text stands in what was said; "" : nothing was said. */
static void says(const char *text)
{
    cr_expect(*text ? strstr(found, text) != NULL : !*found, "not \"%s\" but: %s", text, found);
    found[0] = '\0';
}

/* ---- addresses ---- */

Test(look, where_somebody_listens_is_taken_as_a_number)
{
    look_listens(&look, "listen", "tcp", NULL);
    look_listens(&look, "listen", "tcp", "");
    says("");
    look_listens(&look, "listen", "tcp", "localhost:5060");
    says("takes listen: tcp 127.0.0.1:5060\n");
    look_listens(&look, "listen", "udp", "[::1]:5060");
    says("takes listen: udp ::1:5060\n");
    look_listens(&look, "listen", "tcp", "127.0.0.1:0");
    says(""); /* the kernel's choice is nobody else's */
    look_listens(&look, "listen", "tcp", "5060");
    says("fails listen: ");
    look_listens(&look, "listen", "tcp", "[2001:db8::1]:5060");
    says("warns listen: this machine has no address 2001:db8::1 now");
    look_listens(&look, "listen", "tcp", "192.0.2.1:5060");
    says("warns listen: this machine has no address 192.0.2.1 now");
}

Test(look, who_is_called_has_a_port)
{
    look_connects(&look, "switch", NULL);
    says("");
    look_connects(&look, "switch", "switch.example:0");
    says("fails switch: switch.example:0 has no port to connect to");
    look_connects(&look, "switch", "switch.example:5000");
    says("adds outside: switch.example:5000\n");
    look_connects(&look, "switch", "switch.example");
    says("fails switch: ");
}

Test(look, who_would_call_itself_is_known_by_address_and_port)
{
    static const char *const own[][2] = {{"smtp://127.0.0.1", "127.0.0.1:25"},
                                         {"smtps://127.0.0.1/", "127.0.0.1:465"},
                                         {"imap://127.0.0.1", "127.0.0.1:143"},
                                         {"imaps://127.0.0.1", "127.0.0.1:993"},
                                         {"http://127.0.0.1/hook?a=b:1", "127.0.0.1:80"},
                                         {"https://[::1]#x", "[::1]:443"},
                                         {"https://[::1]:8443", "[::1]:8443"},
                                         {"https://[::1]:8443", "[::]:8443"},
                                         {"localhost:8024", "127.0.0.1:8024"},
                                         {"smtp://127.0.0.1:8024", "0.0.0.0:8024"}};
    static const char *const other[][2] = {{"", "127.0.0.1:25"},
                                           {"smtp://127.0.0.1", ""},
                                           {"smtp://127.0.0.1", "127.0.0.1:26"},
                                           {"smtps://127.0.0.1", "127.0.0.1:25"},
                                           {"127.0.0.1:0", "127.0.0.1:0"},
                                           {"127.0.0.2:8024", "127.0.0.1:8024"},
                                           {"127.0.0.1:8025", "0.0.0.0:8024"},
                                           {"192.0.2.1:8024", "0.0.0.0:8024"},
                                           {"mail.example:8024", "0.0.0.0:8024"}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        cr_expect(look_is_own(own[i][0], own[i][1]), "%s %s", own[i][0], own[i][1]);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        cr_expect_not(look_is_own(other[i][0], other[i][1]), "%s %s", other[i][0], other[i][1]);
}

/* ---- files ---- */

Test(look, the_folder_of_a_file_is_before_its_last_slash)
{
    static const char *const cases[][2] = {{"a", "."}, {"/a", "/"}, {"b/a", "b"}, {"/c/b/a", "/c/b"}};
    char folder[64], why[LOOK_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        look_folder_of(cases[i][0], folder, sizeof folder);
        cr_expect_str_eq(folder, cases[i][1], "%s", cases[i][0]);
    }
    cr_expect_eq(look_folder("/tmp", why), CHECKS);
    cr_expect_eq(look_folder("/nowhere", why), CHECK_file_folder);
    cr_expect_str_eq(why, "No such file or directory");
    look_writes(&look, "state", "");
    says("");
    look_writes(&look, "state", "/tmp");
    says("takes state: file /tmp\nfails state: /tmp is no regular file");
    look_store(&look, "store", "host=none dbname=gcx");
    says("adds outside: PostgreSQL\n");
    look_store(&look, "store", "/tmp/store.db");
    says("fails store: it names no database; write sqlite:FILE");
    look_store(&look, "store", "sqlite:/tmp/gcx-look-none");
    says("");
    look_store(&look, "store", "sqlite:/nowhere/store");
    says("fails store: /nowhere/store cannot be written: /nowhere: No such file or directory");
    look_store(&look, "store", "sqlite:/etc/passwd");
    says("fails store: /etc/passwd is no database of SQLite");
}

Test(look, a_certificate_has_its_key_and_holds_for_weeks)
{
    struct papers one, two, over, long_on;
    papers_make(&one, "one"); /* for an hour */
    papers_make(&two, "two");
    papers_make_until(&over, "over", -3600);
    papers_make_until(&long_on, "long_on", 22 * 86400);
    look_certificate(&look, "certificate", over.certificate);
    says("fails certificate: the certificate in ");
    look_certificate(&look, "certificate", long_on.certificate);
    says("");
    papers_end(&over);
    papers_end(&long_on);
    look_certificate(&look, "certificate", one.certificate);
    says("warns certificate: the certificate in ");
    look_certificate(&look, "certificate", "/nowhere");
    look_certificate(&look, "certificate", "");
    look_pair(&look, "certificate", "", one.key);
    says("");
    look_pair(&look, "certificate", one.certificate, one.key);
    says("have it renewed");
    look_pair(&look, "certificate", one.certificate, two.key);
    says("key values mismatch");
    papers_end(&one);
    papers_end(&two);
}

/* ---- queues and routing points ---- */

/* {name, of, kind}; of a medium the name is the medium's. */
static const struct gcx_site_name site[] = {
    {"directory", "", "directory"}, {"mails", "answers", "point"}, {"email", "mails", "medium"},
    {"chat", "mails", "medium"},    {"free", "any", "point"},      {"mails", "", "queue"},
    {"texts", "mails", "queue"},    {"lost", "", "queue"},         {"far", "", "queue"},
    {"far", "", "elsewhere"},       {"seen", "", "queue"},         {"seen", "", "shown"},
    {"free", "queue", "dn"},        {"7001", "extension", "dn"},   {NULL, NULL, NULL}};

Test(look, a_queue_is_there_and_worked_on_by_a_strategy_of_the_medium)
{
    names = NULL;
    look_queue(&look, "queues", "none", "email");
    look_point(&look, "points", "none", "email");
    says(""); /* nothing is known of the site */
    names = site;
    look_queue(&look, "queues", "mails", "email");
    look_queue(&look, "queues", "mails", "any");
    look_queue(&look, "queues", "texts", "chat"); /* by its DN */
    look_queue(&look, "queues", "free", "sms");   /* a DN of that type, with a strategy for any medium */
    look_queue(&look, "queues", "far", "email");
    look_queue(&look, "queues", "seen", "email");
    look_point(&look, "points", "free", "sms");
    look_point(&look, "points", "mails", "email");
    says("");
    look_queue(&look, "queues", "none", "email");
    says("fails queues: `none` is no queue");
    look_queue(&look, "queues", "7001", "email");
    says("fails queues: `7001` is no queue");
    look_queue(&look, "queues", "mails", "sms");
    says("strategy answers is not on sms");
    look_queue(&look, "queues", "texts", "sms");
    says("strategy answers is not on sms");
    look_queue(&look, "queues", "lost", "email");
    says("warns queues: what comes to queue lost waits there for ever");
    look_point(&look, "points", "mails", "sms");
    says("strategy answers is not on sms");
    look_point(&look, "points", "lost", "email");
    says("`lost` is no routing point");
    names = NULL;
}

Test(look, what_is_put_into_a_queue_has_an_adapter_and_people_at_a_desk)
{
    static const struct gcx_site_name alone[] = {{"directory", "", "directory"},
                                                 {"mails", "", "queue"},
                                                 {"mails", "answers", "point"},
                                                 {"desk", "desk", "adapter"},
                                                 {NULL, NULL, NULL}};
    static const struct gcx_site_name with_desk[] = {{"directory", "", "directory"}, {"mails", "", "queue"},
                                                     {"mails", "answers", "point"},  {"desk", "desk", "adapter"},
                                                     {"post", "email", "adapter"},   {"chat", "", "answered"},
                                                     {"answers", "", "chooses"},     {NULL, NULL, NULL}};
    static const struct gcx_site_name with_other[] = {{"directory", "", "directory"},
                                                      {"mails", "", "queue"},
                                                      {"mails", "answers", "point"},
                                                      {"ours", "ours", "adapter"},
                                                      {"chat", "", "answered"},
                                                      {"answers", "", "chooses"},
                                                      {NULL, NULL, NULL}};
    static const struct gcx_site_name with_workers[] = {{"directory", "", "directory"}, {"asks", "", "queue"},
                                                        {"asks", "answers", "point"},   {"desk", "desk", "adapter"},
                                                        {"im", "im", "adapter"},        {"chat", "", "answered"},
                                                        {"answers", "", "chooses"},     {NULL, NULL, NULL}};
    names = alone;
    look_queue(&look, "outbound", "mails", "email");
    says("warns outbound: nothing that is put into queue mails is sent: no adapter here has the medium email; add "
         "`adapter email");
    look_queue(&look, "queues", "mails", "any");
    says("");
    names = with_desk;
    look_queue(&look, "addresses", "mails", "email");
    says("warns addresses: no desk has email in its `media`");
    names = with_desk + 1; /* the directory is not read */
    look_queue(&look, "addresses", "mails", "email");
    says("");
    names = with_other; /* nobody knows what that plugin brings, and who works there */
    look_queue(&look, "addresses", "mails", "email");
    says("");
    names = with_workers; /* people of another adapter */
    look_queue(&look, "asks", "asks", "im");
    says("");
    names = NULL;
}

Test(look, a_medium_of_the_sites_own_has_its_name_there)
{
    static const char *const own[][2] = {{"own_media", "parcel=1,photo=195"}, {NULL, NULL}};
    static const struct gcx_site_name parcels[] = {
        {"directory", "", "directory"}, {"boxes", "", "queue"},    {"boxes", "sorts", "point"},
        {"parcel", "boxes", "medium"},  {"in", "work", "adapter"}, {"desk", "desk", "adapter"},
        {"chat", "", "answered"},       {"sorts", "", "chooses"},  {NULL, NULL, NULL}};
    char said[MEDIUM_SAID_MAX];
    settings = own;
    cr_expect_eq(setting_medium(setting, NULL, "parcel"), media_own1);
    cr_expect_eq(setting_medium(setting, NULL, "photo"), media_own195);
    cr_expect_eq(setting_medium(setting, NULL, "own7"), media_own7);
    cr_expect_eq(setting_medium(setting, NULL, "fax"), media_fax);
    cr_expect_eq(setting_medium(setting, NULL, "parce"), media_none);
    setting_medium_said(setting, NULL, media_own195, said);
    cr_expect_str_eq(said, "photo");
    setting_medium_said(setting, NULL, media_own7, said);
    cr_expect_str_eq(said, "own7");
    setting_medium_said(setting, NULL, media_email, said);
    cr_expect_str_eq(said, "email");
    names = parcels;
    look_queue(&look, "queue", "boxes", "parcel");
    says("warns queue: no desk has parcel in its `media`");
    look_queue(&look, "queue", "boxes", "photo");
    says("strategy sorts is not on photo");
    names = NULL;
    settings = NULL;
}

Test(look, a_setting_that_needs_another_one_says_so)
{
    static const struct setting_row rows[] = {{.name = "imap", .usual = ""},
                                              {.name = "imap_user", .usual = ""},
                                              {.name = "tls_address", .usual = ""},
                                              {.name = "tls_certificate", .usual = ""},
                                              {.name = "callbacks", .usual = ""},
                                              {.name = "callback_every", .usual_number = 30, .least = 5, .most = 60},
                                              {.name = "listen", .usual = "127.0.0.1:0"},
                                              {.name = "listen_queue", .usual = ""},
                                              {.name = "idle", .usual_number = 1, .least = 0, .most = 9},
                                              {.name = "idle_text", .usual = ""}};
    static const char *const apart[][2] = {
        {"imap_user", "us"}, {"tls_certificate", "x"}, {"callback_every", "10"}, {NULL, NULL}};
    static const char *const both[][2] = {{"imap_user", "us"},      {"imap", "x"},           {"tls_address", "x"},
                                          {"tls_certificate", "x"}, {"callbacks", "x"},      {"callback_every", "10"},
                                          {"listen_queue", "5"},    {"idle_text", "Hello?"}, {NULL, NULL}};
    settings = apart;
    look_settings(&look, rows, sizeof rows / sizeof *rows);
    cr_expect(strstr(found, "warns tls_certificate: it does nothing without `tls_address`") &&
                  strstr(found, "callback_every: it does nothing without `callbacks`"),
              "%s", found);
    says("warns imap_user: it does nothing without `imap`");
    settings = both;
    look_settings(&look, rows, sizeof rows / sizeof *rows);
    says("");
    settings = NULL;
}

Test(look, a_name_that_leads_to_two_places_is_told)
{
    look_twice(&look, "numbers", "+4930111=a, 4930111 = a , 4930112=b, x");
    look_twice(&look, "numbers", "a=x,b=x,+=x");
    says("");
    look_twice(&look, "numbers", "+4930111=a, 4930111=b");
    says("4930111 leads to a, so that it never leads to b");
    look_twice(&look, "addresses", "Us@example.com=a, other@example.com=c, us@EXAMPLE.com=b");
    says("us@EXAMPLE.com leads to a, so that it never leads to b");
    look_twice(&look, "numbers", "a=x,\n b=x,\n\n a=x");
    says("a stands there twice, in lines 1 and 4 of the setting");
    look_twice(&look, "numbers", "c, a=x,\n b=x, a=y");
    says("a leads to x, so that it never leads to y, in lines 1 and 2 of the setting");
    look_twice(&look, "queues", "a, b, a");
    says("a stands there twice; take one out");
}

/* ---- settings by their kinds ---- */

static void says_of(const char *const (*set)[2], const char *text)
{
    static const struct setting_row rows[] = {{.name = "listen", .kind = SETTING_IS_door},
                                              {.name = "http", .kind = SETTING_IS_door},
                                              {.name = "http_port_file", .kind = SETTING_IS_written},
                                              {.name = "port_file", .kind = SETTING_IS_written},
                                              {.name = "state", .kind = SETTING_IS_kept},
                                              {.name = "store", .kind = SETTING_IS_store},
                                              {.name = "peer", .kind = SETTING_IS_peer},
                                              {.name = "url", .kind = SETTING_IS_url},
                                              {.name = "queues", .kind = SETTING_IS_queues(sms)},
                                              {.name = "routes", .kind = SETTING_IS_routes(sms)},
                                              {.name = "points", .kind = SETTING_IS_points(sms)},
                                              {.name = "seen", .kind = SETTING_IS_shown},
                                              {.name = "certificate", .kind = SETTING_IS_certificate},
                                              {.name = "answer", .kind = SETTING_IS_answer}};
    settings = set;
    look_settings(&look, rows, sizeof rows / sizeof *rows);
    settings = NULL;
    says(text);
}
#define SET(...) ((const char *const[][2]){__VA_ARGS__, {NULL, NULL}})

Test(look, each_kind_of_setting_has_its_look)
{
    static const struct setting_row door = {.name = "lmtp", .usual = "127.0.0.1:8024", .kind = SETTING_IS_only_door};
    static const struct gcx_site_name pair[] = {{"journal", "", "journal"}, {NULL, NULL, NULL}};
    look_settings(&look, &door, 1);
    says("takes lmtp: tcp 127.0.0.1:8024\n"); /* as it is the only one, it is there where it is not set */
    says_of(SET({"listen", "none"}, {"http", ""}, {"answer", "maybe"}), "");
    says_of(SET({"listen", "127.0.0.1:8001"}), "takes listen: tcp 127.0.0.1:8001\n");
    says_of(SET({"listen", "127.0.0.1:0"}),
            "warns listen: the kernel chooses another port of 127.0.0.1:0 at each start; name one, or set `port_file`");
    says_of(SET({"http", "127.0.0.1:0"}), "name one, or set `http_port_file`");
    says_of(SET({"http", "127.0.0.1:0"}, {"port_file", "/tmp/gcx-look-port"}), "or set `http_port_file`");
    says_of(SET({"http", "127.0.0.1:0"}, {"http_port_file", "/tmp/gcx-look-port"}),
            "takes http_port_file: file /tmp/gcx-look-port\n");
    says_of(SET({"peer", "far.example:1"}), "adds outside: far.example:1\n");
    says_of(SET({"url", "https://far.example"}), "adds outside: https://far.example\n");
    says_of(SET({"state", "/tmp/gcx-look-state"}), "takes state: file /tmp/gcx-look-state\n");
    says_of(SET({"store", "sqlite:/tmp/gcx-look-none"}), "");
    says_of(SET({"state", "gcx-look-none"}),
            "warns state: gcx-look-none is found from the folder of this command alone");
    struct papers over;
    papers_make_until(&over, "over", -3600);
    says_of(SET({"certificate", over.certificate}), "fails certificate: the certificate in ");
    papers_end(&over);
    names = pair; /* another machine may lead tomorrow */
    says_of(SET({"state", "/tmp/gcx-look-state"}), "warns state: ");
    says_of(SET({"store", "sqlite:/tmp/gcx-look-none"}), "warns store: ");
    says_of(SET({"store", "dbname=gcx"}), "adds outside: PostgreSQL\n");
    names = site;
    says_of(SET({"queues", "mails"}), "strategy answers is not on sms");
    says_of(SET({"queues", " free , lost"}), "warns queues: what comes to queue lost waits there for ever");
    says_of(SET({"routes", "+49=free, 49=lost"}), "49 leads to free, so that it never leads to lost");
    says_of(SET({"routes", "+49 = none"}), "fails routes: `none` is no queue");
    says_of(SET({"points", "mails"}), "strategy answers is not on sms");
    says_of(SET({"seen", "mails, texts"}), "adds shown: mails\nadds shown: texts\n");
    names = NULL;
}

/* ---- names ---- */

Test(look, names_with_control_characters_are_passed_over)
{
    struct look_names all = {0};
    look_names_add(&all, "queue", "mails", "1", "site.sql:1");
    look_names_add(&all, "queue", "a\tb", "", "");
    look_names_add(&all, "queue", "", "", "");
    look_names_add(&all, "queue", "b", "\x7f", "");
    look_names_add(&all, "queue", "c", "", "\n");
    cr_expect_eq(all.count, 1);
    cr_expect(look_names_have(&all, "queue", "mails", "1"));
    cr_expect_not(look_names_have(&all, "queue", "mails", "2"));
    cr_expect_not(look_names_have(&all, "point", "mails", "1"));
    cr_expect_not(look_names_have(&all, "queue", "mail", "1"));
    look_names_clear(&all);
    cr_expect_eq(all.count, 0);
}

/* ---- the process of a look ---- */

static void asks_for_names(const struct gcx_look *given)
{
    struct gcx_site_name name;
    cr_expect(given->site(given->self, "queue", 0, &name) && strcmp(name.name, "a") == 0);
    cr_expect(given->site(given->self, "queue", 2, &name) && strcmp(name.name, "c") == 0, "two further");
    cr_expect(given->site(given->self, "queue", 1, &name) && strcmp(name.name, "b") == 0, "back");
    cr_expect(given->site(given->self, "point", 0, &name) && strcmp(name.of, "answers") == 0);
    cr_expect_not(given->site(given->self, "point", 1, &name));
    cr_expect_not(given->site(given->self, "queue", 3, &name));
    given->tell(given->self, GCX_LOG_WARNING, "key", "one\nline");
    given->tell(given->self, GCX_LOG_ERROR, "k\ty", "wrong");
    given->takes(given->self, "listen", "tcp 127.0.0.1:1");
    given->adds(given->self, "shown", "a", "of");
    cr_expect(given->site(given->self, "shown", 0, &name) && strcmp(name.of, "of") == 0, "the looks behind know it");
    given->adds(given->self, "shown", "a\tb", "");
}

static const char *refusal;

static bool checks(setting_get *get, void *self, char *why, size_t why_size)
{
    (void)get, (void)self;
    if (refusal) snprintf(why, why_size, "%s", refusal);
    return !refusal;
}

/* What the process of a look writes about the site with these names. */
static const char *runs(bool whole, const char *refused)
{
    static const char *const keys[] = {"*listen", "store", NULL};
    static char said[1024];
    const struct gcx_adapter adapter = {.settings = keys, .check = checks, .look = asks_for_names};
    char lines[] = "queue\ta\t\t\npoint\tp\tanswers\t\nqueue\tb\t\t\nnot a name\nqueue\tc\t\t\n";
    FILE *from = fmemopen(lines, sizeof lines - 1, "r"), *to = fmemopen(said, sizeof said, "w");
    refusal = refused;
    look_run(&adapter, whole, setting, NULL, from, to);
    fclose(from);
    fclose(to);
    return said;
}

Test(look, a_look_in_its_process_writes_a_line_for_each_finding)
{
    cr_expect_str_eq(runs(true, NULL), "S *listen\t\nS store\t\nW key\tone line\nE k?y\twrong\n"
                                       "T listen\ttcp 127.0.0.1:1\nA shown\ta\tof\n");
    cr_expect_str_eq(runs(false, NULL), "S *listen\t\nS store\t\n", "a plugin that is too old for a look");
    cr_expect_str_eq(runs(true, "store: it is away"), "S *listen\t\nS store\t\nE store\tstore: it is away\n");
    cr_expect_str_eq(runs(true, "it is away"), "S *listen\t\nS store\t\nE \tit is away\n");
}

Test(look, a_sentence_has_its_words_in_their_places)
{
    char text[LOOK_TEXT];
    look_say(text, CHECK_taken_twice, LOOK_WORDS("http", "127.0.0.1:1", "adapter `sip`: address"));
    cr_expect_str_eq(text,
                     "http: 127.0.0.1:1 is taken by adapter `sip`: address already; give one of the two another one");
    look_say(text, CHECK_port_low, LOOK_WORDS("80"));
    cr_expect_str_eq(text, "only root may listen at port 80, and the unit of gcxvm runs as another user; take a port "
                           "from 1024 on");
    cr_expect_eq(look_level(CHECK_taken_twice), GCX_LOG_ERROR);
    cr_expect_eq(look_level(CHECK_port_low), GCX_LOG_WARNING);
}

Test(look, a_section_that_would_do_can_be_pasted)
{
    struct out out = {0};
    contract_adapters(&out, media_none, CAP_CLASSIFY, NULL);
    cr_expect_str_eq(out.bytes, "`adapter email { rules = ... }` or `adapter email { classifier = ... }`");
    out_free(&out);
    contract_adapters(&out, media_none, CAP_TEXTS, "sms.send");
    cr_expect_str_eq(out.bytes, "`adapter sms { ... }`");
    out_free(&out);
    contract_adapters(&out, media_none, CAP_TREATMENTS, "ivr.play");
    cr_expect_str_eq(out.bytes, "`adapter sip { prompts = ... }` or `adapter tserver { ... }`");
    out_free(&out);
    contract_adapters(&out, media_none, CAP_TREATMENTS, "ivr.application");
    cr_expect_str_eq(out.bytes, "`adapter tserver { ... }`", "sip never plays one");
    out_free(&out);
}
