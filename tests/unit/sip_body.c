/* tests/unit/sip_body.c - Which part of a message's body describes the session, and what must be understood. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/sip/body.h"

TestSuite(sip_body, .timeout = 20);

#define SDP      "v=0\r\ns=-\r\n"
#define LOCATION "Content-Type: application/pidf+xml\r\nContent-ID: <a@b>\r\n\r\n<presence/>\r\n"

static struct raw_text text_of(const char *text)
{
    return (struct raw_text){text, strlen(text)};
}

static void assert_read(const char *type, const char *disposition, const char *body, enum body_kind wanted,
                        const char *description)
{
    struct raw_text found = {"", 0};
    enum body_kind kind = body_find_session(text_of(type), text_of(disposition), text_of(body), &found);
    cr_assert_eq(kind, wanted, "%s %s: %u", type, body, kind);
    if (wanted != BODY_DESCRIPTION) return;
    cr_assert(found.length == strlen(description) && memcmp(found.at, description, found.length) == 0, "`%.*s`",
              (int)found.length, found.at);
}

Test(sip_body, a_description_alone_is_the_body)
{
    assert_read("application/sdp", "", SDP, BODY_DESCRIPTION, SDP);
    assert_read("Application / SDP;charset=x", "session;handling=required", SDP, BODY_DESCRIPTION, SDP);
    assert_read("application/sdp", "", "", BODY_NONE, "");
    assert_read("application/sdp", "early-session", SDP, BODY_UNREAD, "");
    assert_read("text/plain", "", "hello", BODY_UNREAD, "");
    assert_read("text/plain", "render;handling=optional", "hello", BODY_NONE, "");
    assert_read("", "", "hello", BODY_UNREAD, "");
}

Test(sip_body, the_description_is_found_among_parts_wherever_it_stands)
{
    assert_read("multipart/mixed;boundary=b1", "",
                "--b1\r\nContent-Type: application/sdp\r\n\r\n" SDP "\r\n--b1\r\n" LOCATION "--b1--\r\n",
                BODY_DESCRIPTION, SDP);
    assert_read("multipart/mixed; boundary=\"b 1\"", "",
                "before\r\n--b 1\r\n" LOCATION "--b 1 \t\r\ncontent-type: application/sdp\r\n\r\n" SDP
                "\r\n--b 1--\r\nbehind",
                BODY_DESCRIPTION, SDP);
    assert_read("Multipart/Related;x=\"a;b\";Boundary=b;y", "", "--b\nContent-Type: application/sdp\n\n" SDP "\n--b--",
                BODY_DESCRIPTION, SDP);
    assert_read("multipart/mixed;boundary=b", "",
                "--b\r\nContent-Type: multipart/alternative;boundary=bb\r\n\r\n--bb\r\nContent-Type: "
                "application/sdp\r\n\r\n" SDP "\r\n--bb--\r\n--b--\r\n",
                BODY_DESCRIPTION, SDP);
    /* The first of two; a longer word is another boundary; a part without headers is none that we read. */
    assert_read("multipart/mixed;boundary=b", "",
                "--bx\r\n--b\r\n\r\nplain\r\n--b\r\nContent-Type: application/sdp\r\n\r\n" SDP
                "\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--\r\n",
                BODY_DESCRIPTION, SDP);
}

Test(sip_body, a_part_that_must_be_understood_is_not_passed_over)
{
    static const char isup[] =
        "--b\r\nContent-Type: application/sdp\r\n\r\n" SDP "\r\n--b\r\nContent-Type: application/isup\r\n"
        "Content-Disposition: signal ; handling = %s\r\n\r\n\1\2\3\r\n--b--\r\n";
    char body[512];
    snprintf(body, sizeof body, isup, "optional");
    assert_read("multipart/mixed;boundary=b", "", body, BODY_DESCRIPTION, SDP);
    snprintf(body, sizeof body, isup, "Required");
    assert_read("multipart/mixed;boundary=b", "", body, BODY_UNREAD, "");
}

Test(sip_body, what_is_cut_off_or_coded_is_refused)
{
    assert_read("multipart/mixed;boundary=b", "", "--b\r\nContent-Type: application/sdp\r\n\r\n" SDP, BODY_UNREAD, "");
    assert_read("multipart/mixed;boundary=b", "", "--b--\r\nContent-Type: application/sdp\r\n\r\n" SDP "--b--",
                BODY_NONE, "");
    assert_read("multipart/mixed;boundary=b", "", "--b\r\nContent-Type: application/sdp\r\n--b--\r\n", BODY_NONE, "");
    assert_read("multipart/mixed;boundary=b", "",
                "--b\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: base64\r\n\r\ndj0w\r\n--b--\r\n",
                BODY_UNREAD, "");
    assert_read("multipart/mixed", "", "--b\r\n\r\n--b--\r\n", BODY_UNREAD, "");
    assert_read("multipart/mixed;boundary=", "", "--\r\n\r\n----\r\n", BODY_UNREAD, "");
    assert_read("multipart/mixed;boundary=c", "", "--b\r\n\r\n--b--\r\n", BODY_UNREAD, "");
    assert_read("multipart/mixed;boundary=b", "",
                "--b\r\nContent-Type: application/sdp\r\n\r\n" SDP "\r\n--b\r\nX: y\r\n", BODY_DESCRIPTION, SDP);
}

static unsigned nested(char *body, unsigned deep)
{
    unsigned at = 0;
    for (unsigned i = 1; i < deep; i++)
        at += (unsigned)sprintf(body + at, "--b%u\r\nContent-Type: multipart/mixed;boundary=b%u\r\n\r\n", i, i + 1);
    at += (unsigned)sprintf(body + at, "--b%u\r\nContent-Type: application/sdp\r\n\r\n" SDP, deep);
    for (unsigned i = deep; i > 0; i--) at += (unsigned)sprintf(body + at, "\r\n--b%u--", i);
    return at;
}

Test(sip_body, parts_within_parts_are_read_to_a_depth)
{
    char body[2048];
    nested(body, 3);
    assert_read("multipart/mixed;boundary=b1", "", body, BODY_DESCRIPTION, SDP);
    nested(body, 4);
    assert_read("multipart/mixed;boundary=b1", "", body, BODY_UNREAD, "");
}
