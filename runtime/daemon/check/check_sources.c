/* runtime/daemon/check/check_sources.c - Tries the SQL statements of strategies with those databases of the
 * configuration that are files. Servers, such as those of databases, are listed as not contacted. */
#include <stdlib.h>
#include <string.h>

#include "base/shown.h"
#include "runtime/daemon/check/check_state.h"
#include "runtime/daemon/site/databases.h"
#include "runtime/sources/source.h"

void checking_statement(struct checking *checking, const char *source, const char *statement, const char *where)
{
    const struct conf *conf = checking->conf;
    struct error error = {0};
    for (size_t i = 0; i < conf->source_count; i++) {
        const struct conf_source *section = &conf->sources[i];
        struct source_options options = databases_options(section);
        if (strcmp(section->name, source) != 0 || source_tries(&options, statement, &error)) continue;
        checking_tell(checking, error.code == ERROR_UNAVAILABLE ? CHECK_source_away : CHECK_source_statement,
                      section->line, LOOK_WORDS(error.text, where, statement));
    }
}

void checking_write(struct checking *checking, const char *source, const char *statement, const char *where)
{
    const struct conf *conf = checking->conf;
    for (size_t i = 0; i < conf->source_count; i++) {
        struct source_options options = databases_options(&conf->sources[i]);
        if (strcmp(options.name, source) == 0 && !source_may_write(&options))
            checking_tell(checking, CHECK_source_write, conf->sources[i].line, LOOK_WORDS(source, where, statement));
    }
}

void checking_servers(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    if (conf->journal[0] != '\0') checking_outside(checking, "the journal (PostgreSQL)");
    for (size_t i = 0; i < conf->source_count; i++)
        if (conf->sources[i].postgres[0] != '\0' || conf->sources[i].odbc[0] != '\0')
            checking_outside(checking, "source %s (%s)", conf->sources[i].name,
                             conf->sources[i].odbc[0] != '\0' ? "ODBC" : "PostgreSQL");
    for (size_t i = 0; i < conf->endpoint_count; i++) {
        char *shown = shown_url(conf->endpoints[i].url);
        checking_outside(checking, "endpoint %s (%s)", conf->endpoints[i].name, shown);
        free(shown);
    }
    for (size_t i = 0; i < conf->adapter_count; i++)
        if (conf->adapters[i].remote) checking_outside(checking, "adapter %s (remote)", conf->adapters[i].name);
}
