/* runtime/web/applications.c - Checks tokens, paths and ids of applications' requests. */
#include "runtime/web/applications.h"

#include <event2/http.h>
#include <glib.h>
#include <string.h>

#include "runtime/adapter/settings.h"
#include "runtime/web/authorization.h"
#include "runtime/web/reply.h"

enum { BODIES_OF_ALL = 64 /* times the largest body */ };

bool applications_id(const struct applications *all, const char *id)
{
    size_t length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    return length > 0 && length <= all->id_max && id[length] == 0;
}

static bool applications_known(void *self, const char *authorization)
{
    return authorization_is(authorization, "Bearer", secret_text(((const struct applications *)self)->token));
}

static void applications_refuse(const struct applications *all, struct evhttp_request *http, int code, const char *why)
{
    if (all->refuse)
        all->refuse(all->self, http, code, why);
    else
        reply_error(http, code, why);
}

static void applications_request(void *self, struct evhttp_request *http)
{
    const struct applications *all = self;
    unsigned method = evhttp_request_get_command(http);
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(http)), *rest = NULL;
    if (path && g_str_has_prefix(path, all->path)) rest = path + strlen(all->path);
    if (!applications_known(self, door_header(http, "Authorization")))
        applications_refuse(all, http, 401, "the token is missing or wrong");
    else if (method == EVHTTP_REQ_POST && rest && !*rest) {
        json_t *body = reply_to_json(http);
        if (body)
            all->bring(all->self, http, body);
        else
            applications_refuse(all, http, HTTP_BADREQUEST, "the body is no JSON object");
        json_decref(body);
    } else if (method != all->method || !rest || *rest != '/')
        applications_refuse(all, http, HTTP_NOTFOUND, all->there);
    else if (!applications_id(all, rest + 1))
        applications_refuse(all, http, HTTP_NOTFOUND, all->unknown);
    else
        all->about(all->self, http, rest + 1);
}

struct door *applications_door(struct applications *all, const struct opening *opening, struct gcx_link *link,
                               const struct gcx_services *services, char *why, size_t why_size)
{
    struct door_calls calls = {.self = all, .request = applications_request, .known = applications_known};
    struct door_options options = {.message_max = all->body_max,
                                   .body_max = all->body_max,
                                   .unknown_max = all->body_max,
                                   .bodies_max = BODIES_OF_ALL * all->body_max,
                                   .known_by = "Authorization",
                                   .connections = all->connections,
                                   .per_address = all->connections};
    return opening_door(opening, &options, &calls, link, services, why, why_size);
}
