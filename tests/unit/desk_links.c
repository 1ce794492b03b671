/* tests/unit/desk_links.c - Links and frames of the site: which are taken, which are refused, and what the page's
 * policy lets into a frame. */
#include <criterion/criterion.h>
#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "runtime/adapters/desk/links.h"

TestSuite(desk_links, .timeout = 10);

static char why[256];

/* The links as JSON; free(). NULL: they are refused. */
static char *links_of(const char *links, const char *frames)
{
    json_t *all = desk_links_read(links, frames, why, sizeof why);
    char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;
    json_decref(all);
    return text;
}

static void refused(const char *links)
{
    char *as_link = links_of(links, "");
    cr_expect(!as_link && g_str_has_prefix(why, "links: `"), "%s: %s", links, as_link ? as_link : why);
    char *as_frame = links_of("", links);
    cr_expect(!as_frame && g_str_has_prefix(why, "frames: `"), "%s: %s", links, as_frame ? as_frame : why);
    free(as_link);
    free(as_frame);
}

Test(desk_links, a_link_has_its_media_and_queues)
{
    char *text = links_of(
        " Order = https://shop.example/o?id={order} , ,Crm [email vq:service  vq:sales]=https://c/{a.b_1}", "");
    cr_assert_str_eq(
        text,
        "[{\"title\":\"Order\",\"url\":\"https://shop.example/o?id={order}\"},"
        "{\"media\":[\"email\"],\"vqs\":[\"service\",\"sales\"],\"title\":\"Crm\",\"url\":\"https://c/{a.b_1}\"}]");
    free(text);
    cr_assert_str_eq(text = links_of("", ""), "[]");
    free(text);
}

Test(desk_links, an_address_that_leads_elsewhere_is_refused)
{
    static const char *const bad[] = {
        "A=javascript:alert(1)",
        "A=http://shop.example/",
        "A=https:///path",
        "A=https://{host}/",
        "A=https://x.example{a}/",
        "A=https://user@x.example/",
        "A=https://x.example;y/",
        "A=https://x.example'/",
        "A=https://x.example/{a",
        "A=https://x.example/{}",
        "A=https://x.example/{a b}",
        "A=https://x.example/a}",
        "A=https://x.example/\"",
        "=https://x.example/",
        "[chat]=https://x.example/",
        "A []=https://x.example/",
        "A [chat=https://x.example/",
        "A [chat] b=https://x.example/",
        "A chat]=https://x.example/",
        "A [vq:]=https://x.example/",
        "A",
        "A=",
        "A=https://x.example/\xc3\xa9",
        "A=https://x.example/ b",
        "A=data:text/html,x",
        "A=HTTPS://x.example/",
    };
    for (size_t at = 0; at < G_N_ELEMENTS(bad); at++) refused(bad[at]);
}

Test(desk_links, there_are_twenty_at_most)
{
    GString *many = g_string_new("A=https://x.example/");
    for (unsigned at = 1; at < 20; at++) g_string_append(many, ",A=https://x.example/");
    char *text = links_of(many->str, "");
    cr_assert(text);
    cr_assert(!links_of(many->str, "B=https://x.example/"));
    g_string_append(many, ",A=https://x.example/");
    refused(many->str);
    free(text);
    g_string_free(many, TRUE);
}

Test(desk_links, the_policy_names_the_hosts_of_frames_alone)
{
    json_t *all =
        desk_links_read("A=https://a.example/", "B=https://b.example:8443/x?{y}, C=https://[::1]#z", why, sizeof why);
    cr_assert(all, "%s", why);
    char *policy = desk_links_policy(all, "default-src 'none'; frame-src 'self'; img-src data:");
    cr_assert_str_eq(policy,
                     "default-src 'none'; frame-src 'self' https://b.example:8443 https://[::1]; img-src data:");
    g_free(policy);
    json_decref(all);
}
