/* tests/unit/email_setting.c - The settings of the plugin `email`: each that is wrong is refused by its name. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/email/setting.h"

struct pairs {
    const char *of[8][2];
};

static const char *get(void *self, const char *key)
{
    const struct pairs *pairs = self;
    for (unsigned i = 0; i < 8 && pairs->of[i][0]; i++)
        if (strcmp(pairs->of[i][0], key) == 0) return pairs->of[i][1];
    if (strcmp(key, "addresses") == 0) return "service@shop.example=service";
    return strcmp(key, "store") == 0 ? "sqlite:/nowhere" : NULL;
}

static void refused(struct pairs pairs, const char *wanted)
{
    struct email_setting setting;
    char why[600] = "";
    cr_expect_not(email_setting_read(&setting, get, &pairs, why, sizeof why), "%s = %s", pairs.of[0][0],
                  pairs.of[0][1]);
    cr_expect_eq(strncmp(why, wanted, strlen(wanted)), 0, "%s: %s", wanted, why);
    email_setting_free(&setting);
}

#define IMAP                                                                                                           \
    {"imap", "imaps://mail.example"},                                                                                  \
    {                                                                                                                  \
        "imap_user", "u"                                                                                               \
    }

Test(email_setting, each_wrong_value_is_named)
{
    char secret[] = "/tmp/email-setting-XXXXXX";
    int file = mkstemp(secret);
    cr_assert_geq(file, 0);
    close(file);
    const struct {
        struct pairs pairs;
        const char *wanted;
    } cases[] = {
        {{{{"store", ""}}}, "store: it is not set"},
        {{{{"addresses", ""}}}, "addresses: none is set"},
        {{{{"addresses", "service=service"}}}, "addresses: `service`"},
        {{{{"addresses", "*@shop.example=service"}}}, "from: it must be set"},
        {{{{"lmtp", "2424"}}}, "lmtp: "},
        {{{{"smtp", "nowhere"}}}, "smtp: "},
        {{{{"insecure", "maybe"}}}, "insecure: `maybe` is neither yes nor no"},
        {{{{"domain", "shop example"}}}, "domain: `shop example` is no domain"},
        {{{{"from", "Shop <shop@x>"}}}, "from: `Shop <shop@x>` is no address"},
        {{{{"submission", "mail.example:25"}}}, "submission: `mail.example:25` is not smtp://HOST:PORT"},
        {{{{"submission_insecure", "1"}}}, "submission_insecure: "},
        {{{{"submission_ca", "/no/such"}}}, "submission_ca: /no/such: "},
        {{{{"submission_password_file", "/no/such"}}}, "submission_password_file: /no/such: "},
        {{{{"submission_user", "u"}}}, "submission_user: it is set, and `submission` is not"},
        {{{{"submission_user", "u"}, {"submission", "smtps://x"}}}, "submission_password_file: it is not set"},
        {{{{"imap", "pop3://mail.example"}}}, "imap: `pop3://mail.example` is not imap://HOST:PORT"},
        {{{{"imap", "imap://"}}}, "imap: "},
        {{{{"imap", "imaps://mail.example"}}}, "imap_user: it is not set"},
        {{{{"imap_user", "u"}}}, "imap_user: it is set, and `imap` is not"},
        {{{IMAP}}, "imap_password_file: it is not set"},
        {{{IMAP, {"imap_password_file", "/no/such"}}}, "imap_password_file: /no/such: "},
        {{{IMAP, {"imap_ca", "/no/such"}}}, "imap_ca: /no/such: "},
        {{{IMAP, {"imap_insecure", "perhaps"}}}, "imap_insecure: "},
        {{{IMAP, {"imap_folder", ""}, {"imap_password_file", secret}}}, "imap_folder: it is empty"},
        {{{IMAP, {"imap_folder", "a\r\nb"}}}, "imap_folder: this is no name"},
        {{{IMAP, {"imap_done", "\xff"}}}, "imap_done: this is no name"},
        {{{IMAP, {"imap_done", "INBOX"}, {"imap_password_file", secret}}}, "imap_done: it is the folder"},
        {{{IMAP, {"imap_refused", "INBOX"}, {"imap_password_file", secret}}}, "imap_refused: it is the folder"},
        {{{{"imap_poll", "0"}}}, "imap_poll: `0` is no number from 1"},
        {{{{"size", "many"}}}, "size: `many` is no number"},
        {{{{"oauth", "https://x/token"}}}, "oauth_client: it is not set"},
        {{{{"oauth_client", "shop"}}}, "oauth: it is not set"},
        {{{{"oauth", "https://x/token"}, {"oauth_client", "shop"}}}, "oauth_secret_file: neither it nor"},
        {{{{"oauth", "https://x/token"}, {"oauth_client", "shop"}, {"oauth_secret_file", secret}}},
         "oauth: neither `imap_user` nor"},
        {{{IMAP, {"oauth", "http://x/token"}, {"oauth_client", "shop"}, {"oauth_secret_file", secret}}},
         "oauth: the secret would go"},
        {{{{"classifier", "ftp://x"}}}, "classifier: `ftp://x`: it begins with"},
        {{{{"classifier", "/here"}}}, "classifier: `/here`: it names no host"},
        {{{{"classifier", "https://x/{1}"}}}, "classifier: "},
        {{{{"classifier", "http://mail.example/"}}}, "classifier: mails would go to another machine without TLS"},
        {{{{"classifier", "https://x"}, {"classifier_ca", secret}}}, "classifier: endpoint `classifier`: ca_file"},
        {{{{"classifier", "https://x"}, {"classifier_header_file", secret}}}, "classifier: header_file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) refused(cases[i].pairs, cases[i].wanted);
    unlink(secret);
}

Test(email_setting, what_is_good_is_taken)
{
    static const struct pairs good[] = {{{{"classifier", "http://127.0.0.1:80/x?y=1"}, {"insecure", "no"}}},
                                        {{{"classifier", "http://[::1]/x"}, {"lmtp", "none"}}},
                                        {{{"classifier", "http://localhost"}, {"smtp", "[::1]:25"}}},
                                        {{{"classifier", "https://mail.example"}, {"from", "shop@shop.example"}}},
                                        {{{"classifier", "http://mail.example"}, {"classifier_insecure", "yes"}}}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct email_setting setting;
        struct pairs pairs = good[i];
        char why[600] = "";
        cr_expect(email_setting_read(&setting, get, &pairs, why, sizeof why), "%s", why);
        cr_expect_str_eq(setting_queue(&setting, "SERVICE@shop.example"), "service");
        email_setting_free(&setting);
    }
}
