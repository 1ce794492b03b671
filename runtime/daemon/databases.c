/* runtime/daemon/databases.c - From a section `source` to what the pool of sources takes. */
#include "runtime/daemon/databases.h"

#include <stdio.h>

static struct source_options options_of(const struct conf_source *source)
{
    return (struct source_options){.name = source->name,
                                   .database = source->database,
                                   .postgres = source->postgres,
                                   .password_file = source->password_file,
                                   .write = source->write,
                                   .timeout_us = source->timeout_ms * 1000,
                                   .busy_us = source->busy_ms * 1000,
                                   .rows_max = (uint32_t)source->rows,
                                   .bytes_max = (uint32_t)source->bytes,
                                   .waiting_max = (uint32_t)source->waiting,
                                   .waiting_bytes = (uint32_t)source->waiting_bytes,
                                   .connections = (uint32_t)source->connections,
                                   .pipeline = (uint32_t)source->pipeline,
                                   .connect_us = source->connect_ms * 1000,
                                   .statement_us = source->statement_ms * 1000,
                                   .retry_us = source->retry_ms * 1000,
                                   .retry_max_us = source->retry_max_ms * 1000,
                                   .failures = (uint32_t)source->failures};
}

bool databases_check(const struct conf *conf, conf_complaint *complaint, void *self)
{
    bool good = true;
    for (size_t i = 0; i < conf->source_count; i++) {
        struct source_options options = options_of(&conf->sources[i]);
        struct error error = {0};
        char text[640];
        if (source_check(&options, &error)) continue;
        snprintf(text, sizeof text, "%.256s:%d: %s", conf->file, conf->sources[i].line, error.text);
        complaint(self, text);
        good = false;
    }
    return good;
}

struct sources *databases_open(const struct conf *conf, const struct sources_options *how, struct error *error)
{
    struct sources *sources = sources_new(how);
    for (size_t i = 0; i < conf->source_count; i++) {
        struct source_options options = options_of(&conf->sources[i]);
        if (sources_add(sources, &options, error)) continue;
        sources_free(sources);
        return NULL;
    }
    return sources;
}
