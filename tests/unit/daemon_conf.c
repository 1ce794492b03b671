/* tests/unit/daemon_conf.c - A configuration says what it means, or the line where it does not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/core.h"
#include "runtime/core/site/setting.h"
#include "runtime/daemon/site/conf.h"

#define MINIMAL "directory = \"directory.sql\"\nstrategies = {\"enterprise.gcxb\"}\n"

struct said {
    char text[4096];
};

static void note(void *self, const char *text)
{
    struct said *said = self;
    size_t at = strlen(said->text);
    snprintf(said->text + at, sizeof said->text - at, "%s\n", text);
}

/* The file is called FOLDER/gcx.conf; complaints are compared without the folder. */
static struct conf *parse(const char *text, struct said *said)
{
    char folder[] = "/tmp/gcx-conf-XXXXXX", path[64];
    struct conf *conf;
    FILE *file;
    said->text[0] = '\0';
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/gcx.conf", folder);
    file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    conf = conf_read(path, NULL, note, said);
    unlink(path);
    rmdir(folder);
    return conf;
}

static void refused(const char *text, const char *expected)
{
    struct said said;
    struct conf *conf = parse(text, &said);
    cr_expect_null(conf, "accepted: %s", text);
    cr_expect_not_null(strstr(said.text, expected), "expected `%s` in `%s`", expected, said.text);
    conf_free(conf);
}

Test(daemon_conf, few_lines_are_enough, .timeout = 10)
{
    struct said said;
    struct conf *conf = parse(MINIMAL "source customers { database = \"customers.db\" }\n"
                                      "adapter tserver { switch = \"127.0.0.1:4000\" }\n",
                              &said);
    cr_assert_not_null(conf, "%s", said.text);
    cr_expect_eq(conf->strategy_count, 1);
    cr_expect_eq(conf->strategies[0][0], '/', "relative to the file: %s", conf->strategies[0]);
    cr_expect_not_null(strstr(conf->admin, "/state/admin.sock"));
    cr_expect_eq(conf->partition, 1);
    cr_expect_eq(conf->source_count, 1);
    cr_expect_not(conf->sources[0].write);
    cr_assert_eq(conf->adapter_count, 1);
    cr_expect_not_null(strstr(conf->adapters[0].plugin, "/tserver.so"));
    cr_assert_eq(conf->adapters[0].setting_count, 1);
    cr_expect_str_eq(conf->adapters[0].settings[0].key, "switch");
    cr_expect_str_eq(conf->adapters[0].settings[0].value, "127.0.0.1:4000");
    cr_expect_eq(conf->adapters[0].settings[0].line, 4);
    conf_free(conf);
}

Test(daemon_conf, roles_that_sites_name_have_members, .timeout = 10)
{
    struct said said;
    struct conf *conf = parse(MINIMAL "monitors = {\"root\"}\nrole quality { members = {\"root\", \"group:7\"} }\n"
                                      "role planner { members = {} }\n",
                              &said);
    cr_assert_not_null(conf, "%s", said.text);
    cr_assert_eq(conf->edit_role_count, 2);
    cr_expect_str_eq(conf->edit_roles[0].name, "quality");
    cr_assert_eq(conf->role_count, 3);
    cr_expect(conf->roles[0].edit == 0 && conf->roles[1].edit == 1 && conf->roles[2].edit == 1);
    cr_expect(conf->roles[2].role == ROLE_MONITOR && conf->roles[2].group && conf->roles[2].id == 7);
    conf_free(conf);
    refused(MINIMAL "role quality { }\n", "role `quality` lacks `members = ...`");
    refused(MINIMAL "role quality { members = {\"no-such-user\"} }\n", "there is no user \"no-such-user\"");
}

Test(daemon_conf, mistakes_name_line_and_what_is_expected, .timeout = 20)
{
    refused("# a comment\nsate = \"x\"\n", "gcx.conf:2: unknown setting `sate`; expected `directory`");
    refused("# a\n/* two\n lines */ // and # more\nstate = \"# none \\\" // none\" # one\n\nsate = 1\n",
            "gcx.conf:6: unknown setting `sate`");
    refused(MINIMAL "interactions = many\n", "gcx.conf:3: `interactions` takes a whole number from 1 to 10000000");
    refused(MINIMAL "interactions = 0\n", "gcx.conf:3: `interactions` is 0; expected a whole number from 1");
    refused(MINIMAL "space_relief = \"5\"\n",
            "gcx.conf:3: `space_relief` is \"5\"; expected a share, such as \"10%\", or a "
            "size, such as \"300MB\"");
    refused(MINIMAL "space_arrivals = \"300 MB\"\nspace_relief = \"300MB\"\n",
            "gcx.conf:4: `space_relief` is 300MB, and must be less than `space_arrivals`, which is 300 MB");
    refused(MINIMAL "drain_s = \"20\"\n",
            "gcx.conf:3: `drain_s` is a text in quotes; expected a whole number from 0 to 86400");
    refused("strategies = {\"a } b\",\n \"c = d\"}\n" MINIMAL "source c {\n database = 'x=\\'\n'\n  write=  'true' }\n",
            "gcx.conf:8: `write` is a text in quotes; expected true or false");
    refused(MINIMAL "adapter \"a\" { restart_ms = \"5\" }\n", "gcx.conf:3: `restart_ms` is a text in quotes");
    refused("directory = 5\nstrategies = {}\n", "gcx.conf:1: `directory` is \"5\", no path; expected a text in quotes");
    refused("directory = \"\"\nstrategies = {}\n", "gcx.conf:1: `directory` is \"\", no path; expected");
    refused("directory = \"d.sql\"\nstrategies = 5\n", "gcx.conf:2: `strategies` is \"5\", no path; expected texts in");
    refused(MINIMAL "state = \"a\"\nstate = \"b\"\n", "gcx.conf:4: `state` stands twice");
    refused(MINIMAL "source c {\n busy_ms = 1\n busy_ms = 2\n}\n", "gcx.conf:5: `busy_ms` stands twice");
    refused(MINIMAL "adapter a {\n from = \"x\"\n to = \"y\"\n from = \"z\"\n}\n", "gcx.conf:6: `from` stands twice");
    refused(MINIMAL "log { core = \"debug\"\n core = \"info\" }\n", "gcx.conf:4: `core` stands twice");
    refused(MINIMAL "log { core = \"debug\" }\nlog { host = \"info\" }\n",
            "gcx.conf:4: the section `log` stands twice");
    refused(MINIMAL "source c {\n database = \"c.db\"\n", "gcx.conf:3: the brace that is opened here is not closed");
    refused(MINIMAL "source c {\n database = \"c.db\"\n write = perhaps\n}\n",
            "gcx.conf:5: `write` takes true or false");
    refused(MINIMAL "source c {\n datbase = \"c.db\"\n}\n", "gcx.conf:4: unknown setting `datbase`");
    refused(MINIMAL "source c { type = \"oracle\" database = \"c\" }\n", "unknown setting `type`");
    refused(MINIMAL "source \"../c\" { database = \"c\" }\n", "is no name; expected");
    refused(MINIMAL "source c { database = \"c\" }\nsource c { database = \"c\" }\n",
            "gcx.conf:4: two sections are called `c`; expected a name for each");
    refused("strategies = {\"a.gcxb\"}\n", "lacks `directory = ...`: a text in quotes");
    refused(MINIMAL "log_level = \"loud\"\n",
            "gcx.conf:3: `log_level` is \"loud\"; expected debug, info, warning or error");
    refused(MINIMAL "state = \"abc\n", "gcx.conf:3: the quote that is opened here is not closed");
    refused(MINIMAL "state = \"abc\nhttp = \"127.0.0.1:80\"\n", "gcx.conf:3: the quote that is opened here is not");
    refused(MINIMAL "state = 'abc\nhttp = ''\n", "gcx.conf:3: the quote that is opened here is not closed");
    refused(MINIMAL "adapter tserver { port = {1, 2} }\n", "gcx.conf:3: ");
}

Test(daemon_conf, more_adapters_than_the_core_knows_are_refused_by_name, .timeout = 10)
{
    char text[8192];
    size_t at = (size_t)snprintf(text, sizeof text, MINIMAL);
    struct said said;
    for (int i = 1; i <= LINKS_MAX; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "adapter a%d { plugin = \"tserver\" }\n", i);
    struct conf *conf = parse(text, &said);
    cr_expect_not_null(conf, "%s", said.text);
    conf_free(conf);
    snprintf(text + at, sizeof text - at, "adapter last { plugin = \"tserver\" }\n");
    refused(text, "adapter `last` is one too many: there may be 64");
}

Test(daemon_conf, what_is_no_file_is_refused, .timeout = 10)
{
    struct said said = {""};
    cr_expect_null(conf_read("/nonexistent/gcx.conf", NULL, note, &said));
    cr_expect_not_null(strstr(said.text, "No such file"), "%s", said.text);
    said.text[0] = '\0';
    cr_expect_null(conf_read("/tmp", NULL, note, &said));
    cr_expect_not_null(strstr(said.text, "cannot be read: it is a folder; expected a file"), "%s", said.text);
}

Test(daemon_conf, a_plugin_says_which_settings_it_understands, .timeout = 10)
{
    static const char *const keys[] = {"*switch", "port", NULL};
    struct said said;
    struct conf *conf = parse(MINIMAL "adapter tserver {\n  prot = \"4001\"\n}\n", &said);
    cr_assert_not_null(conf, "%s", said.text);
    cr_expect_not(conf_check_adapter(conf, &conf->adapters[0], keys, note, &said));
    cr_expect_not_null(strstr(said.text, "gcx.conf:4: unknown setting `prot` of adapter `tserver`; expected"), "%s",
                       said.text);
    cr_expect_not_null(strstr(said.text, "`switch`, `port`"), "%s", said.text);
    cr_expect_not_null(strstr(said.text, "lacks `switch = ...`"), "%s", said.text);
    conf_free(conf);
}

Test(daemon_conf, a_list_stands_once, .timeout = 10)
{
    refused(MINIMAL "strategies = {\"other.gcxb\"}\n", "gcx.conf:3: `strategies` stands twice");
    struct said said;
    struct conf *conf = parse("directory = \"d.sql\"\nstrategies = {\"a\", \"b\", \"c\"}\n", &said);
    cr_assert_not_null(conf, "%s", said.text);
    cr_expect_eq(conf->strategy_count, 3);
    conf_free(conf);
}

Test(daemon_conf, the_log_has_a_form_and_rooms_with_levels_of_their_own, .timeout = 10)
{
    struct said said;
    struct conf *conf =
        parse(MINIMAL "log_level = \"warning\"\nlog {\n  format = \"json\"\n  rate = 7\n  core = \"info\"\n"
                      "  tserver = debug\n}\nadapter tserver { switch = \"127.0.0.1:1\" }\n",
              &said);
    cr_assert_not_null(conf, "%s", said.text);
    cr_expect_eq(conf->log_format, LOG_JSON);
    cr_expect_eq(conf->log.rate, 7);
    cr_expect_eq(conf_level(conf, "core"), LOG_LEVEL_INFO);
    cr_expect_eq(conf_level(conf, "tserver"), LOG_LEVEL_DEBUG);
    cr_expect_eq(conf_level(conf, "host"), LOG_LEVEL_WARNING);
    conf_free(conf);
    refused(MINIMAL "log { format = \"xml\" }\n", "`format` is \"xml\"; expected text or json");
    refused(MINIMAL "log {\n  personal = some\n}\n", "`personal` is \"some\"; expected masked or shown");
    refused(MINIMAL "log {\n  cor = info\n}\n",
            "gcx.conf:4: unknown room `cor` of the log; expected `format`, `personal`, `rate`, core,");
    refused(MINIMAL "log {\n  core = loud\n}\n", "gcx.conf:4: `core` is \"loud\"; expected debug, info,");
    refused(MINIMAL "http = \"0.0.0.0:80\"\n",
            "gcx.conf:3: `http` is \"0.0.0.0:80\", and other machines come there: give `remote_certificate`");
}
