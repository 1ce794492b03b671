/* tests/unit/base_head.c - Heads of requests that two readers might read differently are refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/head.h"

TestSuite(base_head, .timeout = 10);

#define HOST "Host: desk.example\r\n"

static bool is_good(const char *head)
{
    cr_assert_eq(head_length(head, strlen(head)), strlen(head), "%s", head);
    return !head_wrong(head, strlen(head));
}

Test(base_head, what_browsers_and_proxies_send_is_good)
{
    cr_assert(is_good("GET / HTTP/1.1\r\n" HOST "\r\n"));
    cr_assert(
        is_good("GET /a?b=c HTTP/1.1\r\nhost: [::1]:8080\r\nCookie: a=b; c=\"d\"\r\nX: \xc3\xa9\t\r\nEmpty:\r\n\r\n"));
    cr_assert(is_good("POST / HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n"));
    cr_assert(is_good("GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"));
    cr_assert(is_good("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"));
    cr_assert(is_good("GET / HTTP/1.0\r\n\r\n"), "of HTTP/1.0 a Host is not asked");
}

Test(base_head, a_body_has_one_length)
{
    static const char *const bodies[] = {
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\ncontent-length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length:\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 1234567890123456\r\n",
        "Content-Length : 5\r\n",
        " Content-Length: 5\r\n",
        "Content-Length\t: 5\r\n",
        "X: a\r\n Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\tchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: \013chunked\r\n",
        "X: a\nContent-Length: 5\r\n",
        "X: a\rContent-Length: 5\r\n",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char head[300];
        snprintf(head, sizeof head, "POST / HTTP/1.1\r\n" HOST "%s\r\n", bodies[i]);
        cr_assert_not(is_good(head), "%s", bodies[i]);
    }
    cr_assert_not(is_good("HEAD / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n"), "evhttp reads no body of HEAD");
    cr_assert_not(is_good("OPTIONS / HTTP/1.1\r\n" HOST "Content-Length: 05\r\n\r\n"));
}

Test(base_head, a_request_is_for_one_host)
{
    cr_assert_not(is_good("GET / HTTP/1.1\r\n\r\n"));
    cr_assert_not(is_good("GET / HTTP/1.1\r\n" HOST HOST "\r\n"));
    cr_assert_not(is_good("GET / HTTP/1.1\r\nHost:\r\n\r\n"));
    cr_assert_not(is_good("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"));
    cr_assert_not(is_good("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"));
    cr_assert_not(is_good("GET http://other/ HTTP/1.1\r\n" HOST "\r\n"));
    cr_assert_not(is_good("GET / HTTP/1.1\r\n" HOST "Origin: https://a\r\nOrigin: https://b\r\n\r\n"));
}

Test(base_head, the_first_line_is_a_request)
{
    static const char *const lines[] = {"GET /",           "GET  / HTTP/1.1",   "GET / HTTP/1.1 ",
                                        "GET / HTTP/2.0",  "GET / http/1.1",    "G@T / HTTP/1.1",
                                        " GET / HTTP/1.1", "GET /a b HTTP/1.1", "",
                                        "GET x HTTP/1.1"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char head[100];
        snprintf(head, sizeof head, "%s\r\n" HOST "\r\n", lines[i]);
        cr_assert_not(is_good(head), "%s", lines[i]);
    }
}

Test(base_head, a_control_character_is_told_before_the_head_is_whole)
{
    cr_assert_null(head_wrong_so_far("GET / HTTP/1.1\r", 15), "the line may end here");
    cr_assert_not_null(head_wrong_so_far("GET / HT\0TP", 11));
    cr_assert_not_null(head_wrong_so_far("GET / HTTP/1.1\n", 15));
    cr_assert_not_null(head_wrong("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29));
    cr_assert_eq(head_length("GET / HTTP/1.1\r\n\r", 17), 0u);
}
