/* runtime/daemon/site/databases.c - Makes the pools' settings of the sections `source` and `endpoint`. */
#include "runtime/daemon/site/databases.h"

#include <stdio.h>

#include "runtime/journal/place.h"

struct source_options databases_options(const struct conf_source *source)
{
    return (struct source_options){.name = source->name,
                                   .database = source->database,
                                   .natives = source->natives,
                                   .postgres = source->postgres,
                                   .odbc = source->odbc,
                                   .timestamps = source->timestamps,
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

/* A section that is wrong, by its line. */
static bool section_wrong(const struct conf *conf, int line, const struct error *error, conf_complaint *complaint,
                          void *self)
{
    char text[640];
    snprintf(text, sizeof text, "%.256s:%d: %s", conf->file, line, error->text);
    complaint(self, text);
    return false;
}

bool databases_check(const struct conf *conf, conf_complaint *complaint, void *self)
{
    struct error error = {0};
    bool good = place_database_check(conf->journal, &error) ||
                section_wrong(conf, conf_line(conf, "journal"), &error, complaint, self);
    for (size_t i = 0; i < conf->source_count; i++) {
        struct source_options options = databases_options(&conf->sources[i]);
        if (!source_check(&options, &error)) good = section_wrong(conf, conf->sources[i].line, &error, complaint, self);
    }
    return good;
}

struct sources *databases_open(const struct conf *conf, const struct sources_options *how, struct error *error)
{
    struct sources *sources = sources_new(how);
    for (size_t i = 0; i < conf->source_count; i++) {
        struct source_options options = databases_options(&conf->sources[i]);
        if (sources_add(sources, &options, error)) continue;
        sources_free(sources);
        return NULL;
    }
    return sources;
}

/* The section as the pool of endpoints takes it: times in microseconds. */
static struct endpoint_options endpoint_of(const struct conf_endpoint *endpoint)
{
    return (struct endpoint_options){.name = endpoint->name,
                                     .url = endpoint->url,
                                     .header_file = endpoint->header_file,
                                     .ca_file = endpoint->ca_file,
                                     .answer = endpoint->answer,
                                     .at = endpoint->at,
                                     .request_file = endpoint->request_file,
                                     .content_type = endpoint->content_type,
                                     .timeout_us = endpoint->timeout_ms * 1000,
                                     .connect_us = endpoint->connect_ms * 1000,
                                     .bytes_max = (uint32_t)endpoint->bytes,
                                     .connections = (uint32_t)endpoint->connections,
                                     .waiting_max = (uint32_t)endpoint->waiting,
                                     .failures = (uint32_t)endpoint->failures,
                                     .retry_us = endpoint->retry_ms * 1000,
                                     .retry_max_us = endpoint->retry_max_ms * 1000};
}

bool endpoints_good(const struct conf *conf, conf_complaint *complaint, void *self)
{
    bool good = true;
    struct error error = {0};
    for (size_t i = 0; i < conf->endpoint_count; i++) {
        struct endpoint_options options = endpoint_of(&conf->endpoints[i]);
        if (!endpoint_check(&options, &error))
            good = section_wrong(conf, conf->endpoints[i].line, &error, complaint, self);
    }
    return good;
}

struct endpoints *endpoints_open(const struct conf *conf, const struct endpoints_options *how, struct error *error)
{
    struct endpoints *endpoints = endpoints_new(how);
    for (size_t i = 0; i < conf->endpoint_count; i++) {
        struct endpoint_options options = endpoint_of(&conf->endpoints[i]);
        if (endpoints_add(endpoints, &options, error)) continue;
        endpoints_free(endpoints);
        return NULL;
    }
    return endpoints;
}
