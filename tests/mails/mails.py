"""mails.py READER CHARSETS LETTERS - Mails as the world writes them, one row each: its name, its headers, its body, what is to be
read of it, and why Python's email package reads it otherwise where it does ("" where it reads the same). A row whose
second parser differs without a reason fails, as one does whose reason no longer holds.

What is compared: the fields that the row names, and the text without blanks at its end. Then every label of CHARSETS
(charsets.def) is used once in a mail of a text that its charset can write. Each kind of mail of LETTERS (letters.def) has a
row here."""
import base64, email, email.policy, email.utils, json, re, subprocess, sys, unicodedata

reader, charsets, letters = sys.argv[1:4]
b64 = lambda text, codec="utf-8": base64.b64encode(text.encode(codec)).decode()
ROWS = []


def row(what, headers, body="hello", why="", type="text/plain", **want):
    """Headers and body may be bytes. From, To, Message-ID stand before them unless the row has its own."""
    head = headers if isinstance(headers, bytes) else headers.encode()
    for line in ("From: Anna <anna@example.org>", "To: service@shop.example", "Message-ID: <m@example.org>", "MIME-Version: 1.0"):
        if line.split(":")[0].lower().encode() + b":" not in head.lower(): head = line.encode() + b"\n" + head
    if type: head = head.rstrip(b"\n") + b"\nContent-Type: " + type.encode()
    ROWS.append((what, head.strip(b"\n") + b"\n\n" + (body if isinstance(body, bytes) else body.encode()) + b"\n", want, why))


def whole(what, mail, why="", **want):
    ROWS.append((what, mail if isinstance(mail, bytes) else mail.encode(), want, why))


def parts(*of, boundary="=_b", end=True):
    """A multipart's body of (headers, body) pairs."""
    text = b""
    for head, body in of: text += b"--" + boundary.encode() + b"\n" + head.encode() + b"\n\n" + (body if isinstance(body, bytes) else body.encode()) + b"\n"
    return text + (b"--" + boundary.encode() + b"--" if end else b"")


MIXED, ALTERNATIVE, RELATED = ('multipart/%s; boundary="=_b"' % kind for kind in ("mixed", "alternative", "related"))
PLAIN, HTML = "Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8"

# ---- words in headers ----
row("plain", "Subject: Order 17", subject="Order 17", name="Anna", text="hello", to=["service@shop.example"])
row("folded", "Subject: Where is\n my order", subject="Where is my order")
row("folded by a tab", "Subject: Where is\n\tmy order", subject="Where is my order", why="keeps the tab")
row("quoted word", "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_an_alle?=", subject="Grüße an alle")
row("word in lower case", "Subject: =?UTF-8?q?50_=e2=82=ac?=", subject="50 €")
row("padding before the last word", f"Subject: =?UTF-8?B?{b64('Grüße an')}?= =?UTF-8?B?{b64(' Käthe')}?=", subject="Grüße an Käthe")
row("padding before a folded word", f"Subject: =?UTF-8?B?{b64('Вопрос по')}?=\n =?UTF-8?B?{b64(' заказу')}?=", subject="Вопрос по заказу")
row("a character divided between words", "Subject: =?UTF-8?B?4oI=?= =?UTF-8?B?rCA1MA==?=", subject="€ 50")
row("words of two charsets", f"Subject: =?koi8-r?B?{b64('Привет', 'koi8-r')}?= =?utf-8?Q?_=E2=82=AC?=", subject="Привет €")
row("a word and plain text", "Subject: Re: =?utf-8?Q?M=C3=A4rz?= 2026", subject="Re: März 2026")
row("a word within a word", "Subject: a=?utf-8?Q?=C3=A4?=b", subject="aäb")
row("blanks within a word", "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe an alle?=", subject="Grüße an alle")
row("a language behind the charset", "Subject: =?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", subject="Grüße")
row("base64 without padding", "Subject: =?utf-8?B?R3LDvMOfZSE?=", subject="Grüße!")
long = "Grüße an alle, die das hier lesen, und noch " * 4 + "einen"
row("a word longer than 75", f"Subject: =?utf-8?B?{b64(long)}?=", subject=long)
row("a quoted word longer than 75", f"Subject: =?utf-8?Q?{'=C3=BC' * 11}?=", subject="ü" * 11)
row("a name as a word longer than 75", f"From: =?utf-8?B?{b64('Käthe ' * 20 + 'Müller')}?= <k@example.org>", name="Käthe " * 20 + "Müller")
row("an empty word", "Subject: a =?utf-8?Q??= b", subject="a  b")
row("an encoding that is none", "Subject: =?utf-8?X?abc?=", subject="=?utf-8?X?abc?=")
row("a word that never ends", "Subject: =?utf-8?Q?abc", subject="=?utf-8?Q?abc")
row("a line end within a word", "Subject: =?utf-8?Q?a=0D=0ABcc:_b@example.org?=", subject="a Bcc: b@example.org", why="the line end")
row("a word of latin1 with quotes", "Subject: =?iso-8859-1?Q?don=92t?=", subject="don’t", why="ISO-8859-1 to the letter")
row("a word of Outlook in Korea", f"Subject: =?ks_c_5601-1987?B?{b64('안녕하세요', 'cp949')}?=", subject="안녕하세요")
row("a word of an unknown charset", "Subject: =?x-unknown?Q?Gr=C3=BC=C3=9Fe?=", subject="Grüße")
row("bytes of UTF-8 without a word", "Subject: Grüße", subject="Grüße")
row("bytes of latin1 without a word", b"Subject: Gr\xfc\xdfe", subject="Grüße", why="U+FFFD")
row("escapes of Japan without a word", b"Subject: " + "注文の件".encode("iso-2022-jp"), subject="注文の件", why="escapes as they stand")
row("no subject", "X-Any: 1", subject=None)

# ---- people ----
row("a name as words", f"From: =?UTF-8?B?{b64('Käth')}?= =?UTF-8?B?{b64('e Müller')}?= <kathe@example.org>", name="Käthe Müller", **{"from": "kathe@example.org"}, why="a blank between the words")
row("a name as a word in quotes", 'From: "=?UTF-8?Q?K=C3=A4the?=" <kathe@example.org>', name="Käthe")
row("a name with a comma in quotes", 'From: "Müller, Anna" <anna@example.org>', name="Müller, Anna", **{"from": "anna@example.org"}, why="bytes as they stand")
row("a name with a comma as a word", "From: =?utf-8?Q?M=C3=BCller=2C_Anna?= <anna@example.org>", name="Müller, Anna", **{"from": "anna@example.org"})
row("bytes of latin1 as a name", b"From: J\xfcrgen <j@example.org>", name="Jürgen", why="U+FFFD")
row("an address alone", "From: anna@example.org", name=None, **{"from": "anna@example.org"})
row("a domain in capitals", "From: Anna.M@EXAMPLE.Org", **{"from": "Anna.M@example.org"}, why="as it stands")
row("a domain beyond ASCII", "From: Jürgen <jurgen@bücher.example>", **{"from": "jurgen@bücher.example"}, why="bytes as they stand")
row("a domain as ACE", "From: Jürgen <jurgen@xn--bcher-kva.example>", **{"from": "jurgen@bücher.example"}, why="as it stands")
row("two who wrote", "From: a@example.org, b@example.org\nSender: b@example.org", **{"from": "a@example.org"})
row("no From but Sender", "From: \nSender: b@example.org", **{"from": "b@example.org"}, why="no From")
row("nobody who wrote", "From: MAILER", **{"from": "envelope@example.org"}, why="no envelope")
row("answers go elsewhere", "Reply-To: Carla <carla@example.org>", reply_to="carla@example.org")
row("answers go to us", "Reply-To: Service <Service@Shop.Example>", reply_to=None, robot="none", why="an address of ours")
row("answers go to us and elsewhere", "Reply-To: service@shop.example, Carla <carla@example.org>", reply_to="carla@example.org", robot="none", why="an address of ours")
row("from us, and answers go to us", "From: service@shop.example\nReply-To: service@shop.example", reply_to=None, robot="own_address", why="an address of ours")
row("answers go to a customer of ours", "From: service@shop.example\nReply-To: carla@example.org", reply_to="carla@example.org", robot="own_address")
row("answers go two ways", "Reply-To: carla@example.org\nReply-To: d@example.org, Carla@Example.Org, service@shop.example", reply_to="carla@example.org", reply_more=["d@example.org"], why="one header")
row("the first of two says nobody", "Reply-To:\nReply-To: d@example.org", reply_to="d@example.org", reply_more=[], why="the first one")
row("a local part in quotes", 'From: Ann <"a b"@Example.Org>\nReply-To: "c,d;(e)@f"@example.org', **{"from": '"a b"@example.org'}, name="Ann", reply_to='"c,d;(e)@f"@example.org', why="as it stands")
row("needless quotes", 'From: "a.b"@example.org', **{"from": 'a.b@example.org'})
row("quotes that nobody could write", 'From: "a\\"b"@example.org', **{"from": "envelope@example.org"}, why="as it stands")
row("copies", "Cc: b@example.org, C <c@example.org>", cc=["b@example.org", "c@example.org"])
row("To twice", "To: a@example.org\nTo: b@example.org", to=["a@example.org", "b@example.org"], why="the first one")
row("a group", "To: team: a@example.org, b@example.org;, c@example.org", to=["a@example.org", "b@example.org", "c@example.org"])
row("nobody", "To: undisclosed-recipients:;", to=[])

# ---- bodies ----
latin = "text/plain; charset=iso-8859-1"
row("quotes and the euro in latin1", "Content-Transfer-Encoding: 8bit", "I don’t – 50 €".encode("cp1252"), type=latin, text="I don’t – 50 €", why="ISO-8859-1 to the letter")
row("soft line ends", "Content-Transfer-Encoding: quoted-printable", "Gr=C3=BC=\n=C3=9Fe", type="text/plain; charset=utf-8", text="Grüße")
row("a blank behind a soft line end", "Content-Transfer-Encoding: quoted-printable", "Call +49 30 12=  \n34 today. \t\nBye=\t\n=20", type="text/plain; charset=utf-8", text="Call +49 30 1234 today.\nBye", why="keeps what was put there on the way")
row("broken quoting", "Content-Transfer-Encoding: quoted-printable", "50 =ZZ and =C3=BC", type="text/plain; charset=utf-8", text="50 =ZZ and ü")
row("base64 in lines", "Content-Transfer-Encoding: base64", b64("Grüße an alle, die das lesen")[:20] + "\n" + b64("Grüße an alle, die das lesen")[20:], type='text/plain; charset="UTF-8"', text="Grüße an alle, die das lesen")
row("no charset and UTF-8", "X-A: 1", "Grüße", type="text/plain", text="Grüße", why="ASCII to the letter")
row("no charset and latin1", "X-A: 1", b"Gr\xfc\xdfe", type="text/plain", text="Grüße", why="ASCII to the letter")
row("ASCII that is UTF-8", "X-A: 1", "Grüße", type="text/plain; charset=us-ascii", text="Grüße", why="ASCII to the letter")
row("half a character", "X-A: 1", b"a \xe2\x82 b", type="text/plain; charset=utf-8", text="a \ufffd b")
row("circled digits of Japan", "X-A: 1", b"\x1b$B-!\x1b(B x", type="text/plain; charset=iso-2022-jp", text="① x", why="JIS to the letter")
row("half-width katakana", "X-A: 1", b"\x1b(I1\x1b(B", type="text/plain; charset=iso-2022-jp", text="ｱ", why="JIS to the letter")
row("Latin letters of Japan", "X-A: 1", b"\x1b(J\\100 ~a\x1b(B\\~ \x1b(J~\x1b$BCm\x1b(J\\", type="text/plain; charset=iso-2022-jp", text="\u00a5100 \u203ea\\~ \u203e注\u00a5")
row("a byte that no character of Japan has", "X-A: 1", b"\x1b$B\x80-!\x1b(B x", type="text/plain; charset=iso-2022-jp", text="\ufffd① x", why="JIS to the letter")
row("Outlook in China", "X-A: 1", "朱镕基".encode("gbk"), type="text/plain; charset=gb2312", text="朱镕基", why="GB 2312 to the letter")
row("Outlook in Japan", "X-A: 1", "①髙橋".encode("cp932"), type="text/plain; charset=shift_jis", text="①髙橋", why="JIS to the letter")
row("UTF-16 with its mark", "Content-Transfer-Encoding: base64", base64.b64encode("\ufeffGrüße".encode("utf-16-le")), type="text/plain; charset=utf-16", text="Grüße")
row("a Ukrainian letter", "X-A: 1", b"\xae\xbe", type="text/plain; charset=koi8-u", text="ўЎ", why="KOI8-U to the letter")
row("named letters and signs", "X-A: 1", "<p>&alpha;&Scaron;&frac12;&commat;&yacute;&darr; &lstrok;&nbsp;&amp;&nosuch;</p>", type="text/html; charset=us-ascii", text="αŠ½@ý↓ ł &&nosuch;", why="HTML as it stands")
row("UTF-7", "X-A: 1", "Gr+APwA3w-e", type="text/plain; charset=utf-7", text="Grüße")
row("a transfer that is none", "Content-Transfer-Encoding: 8-bit", "Grüße", type="text/plain; charset=utf-8", text="Grüße")
row("a charset that never ends", "X-A: 1", "Grüße", type='text/plain; charset="utf-8', text="Grüße")
row("a type without its half", "X-A: 1", "Grüße", type="text; charset=utf-8", text="Grüße")
flowed = "text/plain; charset=utf-8; format=flowed"
soft = "every line ends softly"
row("lines that flow", "X-A: 1", "My parcel \nhas not \ncome.\n\nAnna\n-- \nShop 7 \nin town", type=flowed, text="My parcel has not come.\n\nAnna\n-- \nShop 7 in town", why=soft)
row("lines that flow without their blanks", "X-A: 1", "我的包裹 \n没有到 \n。\nend", type=flowed + "; DelSp=Yes", text="我的包裹没有到。\nend", why=soft)
row("a flow before an empty line", "X-A: 1", "My parcel \n\nAnna \n> \n> b", type=flowed, text="My parcel \n\nAnna \n>\n> b", why=soft)
row("quotes that flow", "X-A: 1", "> Your parcel \n> is on \n> its way.\n>> Where \n>> is it?\nIt is \n> not.\nNo", type=flowed, text="> Your parcel is on its way.\n>> Where is it?\nIt is \n> not.\nNo", why=soft)
row("lines with a blank before them", "X-A: 1", " > no quote \n From here\n  two\n>  three", type=flowed, text="> no quote From here\n two\n>  three", why=soft)
row("lines that are fixed", "X-A: 1", "My parcel \nhas not come.", type="text/plain; charset=utf-8; format=fixed; delsp=yes", text="My parcel \nhas not come.")
row("quoted lines that flow", "Content-Transfer-Encoding: quoted-printable", "My parcel=20\nhas c=\nome.", type='text/plain; charset=utf-8; Format="Flowed"', text="My parcel has come.", why=soft)
row("a flow that ends in the middle", "X-A: 1", "My parcel ", type=flowed, text="My parcel")
row("HTML that says that it flows", "X-A: 1", "<pre>My parcel \nhas come.</pre>", type="text/html; format=flowed", text="My parcel \nhas come.", why="HTML as it stands")
row("an empty body", "X-A: 1", "", text="")
row("HTML alone", "X-A: 1", "<p>Gr&uuml;&szlig;e<br>Anna</p>", type="text/html; charset=utf-8", text="Grüße\nAnna", why="HTML as it stands")
row("HTML that names its charset", "X-A: 1", "<meta charset=windows-1251><p>Привет".encode("cp1251"), type="text/html", text="Привет", why="HTML as it stands")
row("HTML that names it the old way", "X-A: 1", "<META http-equiv='Content-Type' content='text/html; charset=koi8-r'>Привет".encode("koi8-r"), type="text/html", text="Привет", why="HTML as it stands")

# ---- parts ----
row("alternatives", "X-A: 1", parts((PLAIN, "plain"), (HTML, "<b>html</b>")), type=ALTERNATIVE, text="plain", files=[])
row("a text and a file", "X-A: 1", parts((PLAIN, "see file"), ("Content-Type: application/pdf\nContent-Disposition: attachment; filename=bill.pdf", "x")), type=MIXED, text="see file", files=["bill.pdf"])
row("two texts", "X-A: 1", parts((PLAIN, "above"), (PLAIN, "below")), type=MIXED, text="above\nbelow", why="the first one")
row("a preamble and what follows the end", "X-A: 1", b"for old programs\n" + parts((PLAIN, "text")) + b"\nbehind", type=MIXED, text="text")
row("no end of the last part", "X-A: 1", parts((PLAIN, "text"), end=False), type=MIXED, text="text")
row("a boundary that never comes", "X-A: 1", "only text", type=MIXED, text="only text", why="nothing")
row("a picture within", "X-A: 1", parts((HTML, "<img src=cid:p>"), ("Content-Type: image/png\nContent-ID: <p>\nContent-Disposition: inline; filename=p.png", "x")), type=RELATED, files=["p.png"])
named = lambda line: parts((PLAIN, "t"), ("Content-Type: application/pdf\n" + line, "x"))
disposition = "Content-Disposition: attachment; "
row("a file's name as words", "X-A: 1", named(f'{disposition}filename="=?UTF-8?B?{b64("Käth")}?= =?UTF-8?B?{b64("e Rechnung.pdf")}?="'), type=MIXED, files=["Käthe Rechnung.pdf"])
row("a file's name with a charset", "X-A: 1", named(disposition + "filename*=UTF-8''K%C3%A4the.pdf"), type=MIXED, files=["Käthe.pdf"])
row("a file's name in latin1", "X-A: 1", named(disposition + "filename*=iso-8859-1''don%92t.pdf"), type=MIXED, files=["don’t.pdf"], why="ISO-8859-1 to the letter")
row("a file's name in pieces", "X-A: 1", named(disposition + "filename*0*=UTF-8''K%C3%A4;\n filename*1=the; filename*2*=%20R.pdf"), type=MIXED, files=["Käthe R.pdf"])
row("a file's name in pieces without a charset", "X-A: 1", named(disposition + 'filename*0="a long "; filename*1="name.pdf"'), type=MIXED, files=["a long name.pdf"])
row("a file's name both ways", "X-A: 1", named(disposition + "filename=K.pdf; filename*=UTF-8''K%C3%A4the.pdf"), type=MIXED, files=["Käthe.pdf"], why="the first one")
row("a file's name with blanks and no quotes", "X-A: 1", named(disposition + "filename=my bill.pdf"), type=MIXED, files=["my bill.pdf"], why="the first word")
row("a file's name in the type alone", "X-A: 1", parts((PLAIN, "t"), ("Content-Type: application/pdf; name=bill.pdf", "x")), type=MIXED, files=["bill.pdf"])
row("a file's name in bytes of UTF-8", "X-A: 1", named(disposition + 'filename="Käthe.pdf"'), type=MIXED, files=["Käthe.pdf"])
row("a file's name that is a path", "X-A: 1", named(disposition + r'filename="C:\\tmp\\..\\bill.pdf"'), type=MIXED, files=["bill.pdf"], why="the path")
row("a quote in a file's name", "X-A: 1", named(disposition + r'filename="a \"b\".pdf"'), type=MIXED, files=['a "b".pdf'])
row("a text that is a file", "X-A: 1", parts((PLAIN, "t"), (PLAIN + "\n" + disposition + "filename=n.txt", "note")), type=MIXED, text="t", files=["n.txt"])
# A text with a name is what was written where it stands first, and a file behind another text.
NAMED, NAMED_HTML = PLAIN + '; name="mail.txt"', HTML + '; name="mail.htm"'
inline = "\nContent-Disposition: inline"
row("a text alone with a name", "X-A: 1", "I am angry", type='text/plain; charset=utf-8; name="mail.txt"', text="I am angry", files=[], why="the name of a file")
row("a text alone with an empty name", "X-A: 1", "I am angry", type='text/plain; name=""', text="I am angry", files=[])
row("HTML alone with a name", "X-A: 1", "<b>I am angry</b>", type='text/html; charset=utf-8; name=mail.htm', text="I am angry", files=["mail.htm"], why="HTML as it stands")
row("a text alone that is shown, with a file's name", "Content-Disposition: inline; filename=mail.txt", "I am angry", text="I am angry", files=[], why="the name of a file")
row("alternatives with names", "X-A: 1", parts((NAMED, "plain"), (NAMED_HTML, "<b>html</b>")), type=ALTERNATIVE, text="plain", files=["mail.htm"], why="both names")
row("alternatives with names behind a text", "X-A: 1", parts((PLAIN, "above"), ("Content-Type: " + ALTERNATIVE.replace("_b", "_c"), parts((NAMED, "plain"), (NAMED_HTML, "<b>html</b>"), boundary="=_c"))), type=MIXED, text="above\nplain", why="the first one")
row("a first text with a name and a picture", "X-A: 1", parts((NAMED + inline, "see picture"), ("Content-Type: image/png; name=p.png" + inline, "x")), type=MIXED, text="see picture", files=["p.png"], why="both names")
row("a first text that is shown, with a file's name", "X-A: 1", parts((PLAIN + inline + "; filename=mail.txt", "see file"), ("Content-Type: application/pdf; name=bill.pdf", "x")), type=MIXED, text="see file", files=["bill.pdf"], why="both names")
row("a second text with a name", "X-A: 1", parts((NAMED, "t"), (PLAIN + "; name=log.txt", "log")), type=MIXED, text="t", files=["log.txt"], why="both names")
row("a second text with an empty name", "X-A: 1", parts((PLAIN, "above"), (PLAIN + '; name=""', "below")), type=MIXED, text="above\nbelow", why="the first one")
row("a text with a name behind alternatives", "X-A: 1", parts(("Content-Type: " + ALTERNATIVE.replace("_b", "_c"), parts((PLAIN, "plain"), (HTML, "<b>html</b>"), boundary="=_c")), (NAMED, "log")), type=MIXED, text="plain", files=["mail.txt"])
row("HTML with a name within its pictures", "X-A: 1", parts((NAMED_HTML, "I am <img src=cid:p>angry"), ("Content-Type: image/png\nContent-ID: <p>", "x")), type=RELATED, text="I am angry", files=["mail.htm"], why="HTML as it stands")
row("a text alone that is a file", "Content-Disposition: attachment; filename=n.txt", "note", text="", files=["n.txt"])

# ---- machines ----
row("an automatic answer", "Auto-Submitted: auto-replied", robot="auto_submitted")
row("a mailing list", "List-Id: <l.example.org>\nReply-To: l@example.org", robot="list", reply_to="l@example.org")
row("a delivery report", "X-A: 1", parts((PLAIN, "It failed."), ("Content-Type: message/delivery-status", "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1"), ("Content-Type: text/rfc822-headers", "Message-ID: <ours@shop.example>")),
    type='multipart/report; report-type=delivery-status; boundary="=_b"', robot="report", text="It failed.")

# ---- what is hardly a mail ----
whole("no mail", b"\x00\xff\xfe garbage", corrupt=True)
whole("a mark of the byte order in front", "\ufeffFrom: a@example.org\nSubject: s\n\ntext\n", subject="s", text="text", why="all of it as text")
whole("a line of a mail folder in front", "From a@example.org Thu Nov 26 10:00:00 2026\nFrom: a@example.org\nSubject: s\n\ntext\n", subject="s", text="text")
whole("no empty line before the text", "From: a@example.org\nSubject: s\nhello there\n", subject="s", text="hello there")
whole("a bad line between headers", "From: a@example.org\nbad line\nSubject: s\n\ntext\n", subject="s", text="text", why="a text from the bad line on")
whole("lines that end in CR", "From: a@example.org\rSubject: s\r\rtext\r", subject="s", text="text")
whole("lines that end in CR LF", "From: a@example.org\r\nSubject: s\r\n\r\nline\r\nline\r\n", subject="s", text="line\nline")
whole("nothing at all", "", **{"from": "envelope@example.org"}, subject=None, text="", why="no envelope")
whole("zeros", b"From: a@example.org\nSubject: s\n\na\0b\n", text="a\ufffdb", why="the zero as it stands")


def framed(mails):
    out = subprocess.run([reader], input=b"".join(b"%d\n" % len(m) + m for m in mails), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.decode().splitlines()]


def addresses(message, header):
    return [a.addr_spec for a in message[header].addresses] if message[header] else []


def second(mail):
    """What Python's parser reads. What it cannot read is an empty reading."""
    try:
        message = email.message_from_bytes(mail, policy=email.policy.default)
        people = message["From"].addresses if message["From"] else []
        body = message.get_body(("plain", "html"))
        return {"from": people[0].addr_spec if people else None, "name": (people[0].display_name or None) if people else None,
                "reply_to": (addresses(message, "Reply-To") or [None])[0], "to": addresses(message, "To"), "cc": addresses(message, "Cc"),
                "subject": str(message["Subject"]) if message["Subject"] is not None else None,
                "text": body.get_content() if body else "", "files": [p.get_filename() for p in message.walk() if p.get_filename()]}
    except Exception as why: return {"raised": str(why)}


def of(reading, want):
    """The part of a reading that the row names."""
    clean = lambda v: v.replace("\r\n", "\n").rstrip() if isinstance(v, str) else v
    return {key: clean(reading.get(key)) for key in want}


bad = 0
def fail(*what):
    global bad
    bad += 1
    print("FAILED", *what)


same = 0
readings = framed([r[1] for r in ROWS])
for (name, mail, want, why), ours in zip(ROWS, readings):
    want = of(want, want)
    if of(ours, want) != want: fail(f"{name}: read {of(ours, want)}, should be {want}")
    want = {key: value for key, value in want.items() if key not in ("robot", "corrupt")}  # a parser has no word for these
    other = of(second(mail), want)
    same += other == want
    if not why and other != want: fail(f"{name}: the second parser reads {other}: why?")
    if why and other == want: fail(f"{name}: the second parser reads the same, not {why}")
# ---- kinds ----
known = set(re.findall(r"^LETTER\(email, (\w+),", open(letters).read(), re.M))
seen = {"text"} | {part.split()[0] for ours in readings for part in ours["parts"]} | {"corrupt" for ours in readings if ours["corrupt"]}
seen |= {"report" if ours["robot"] == "report" else "robot" for ours in readings if ours["robot"] != "none"}
if known != seen: fail("kinds of letters.def without a mail here, or mails of no kind:", known ^ seen)

# ---- labels ----
# What each charset writes here, and by which codec of Python; a charset of charsets.def without a row fails.
SAMPLES = {
    "UTF_8": ("utf-8", "Grüße €"), "IBM866": ("cp866", "Привет"), "ISO_8859_2": ("iso8859-2", "Łódź"), "ISO_8859_3": ("iso8859-3", "ĦĠ"),
    "ISO_8859_4": ("iso8859-4", "Ņģ"), "ISO_8859_5": ("iso8859-5", "Привет"), "ISO_8859_6": ("iso8859-6", "مرحبا"), "ISO_8859_7": ("iso8859-7", "Γειά"),
    "ISO_8859_8": ("iso8859-8", "שלום"), "ISO_8859_10": ("iso8859-10", "Þðŋ"), "ISO_8859_13": ("iso8859-13", "Žąė"), "ISO_8859_14": ("iso8859-14", "Ŵŷ"),
    "ISO_8859_15": ("iso8859-15", "50 €"), "ISO_8859_16": ("iso8859-16", "Șț €"), "KOI8_R": ("koi8-r", "Привет"), "KOI8_U": ("koi8-u", "Привіт Ґ"),
    "macintosh": ("mac-roman", "Grüße “x” ∆"), "windows_874": ("cp874", "สวัสดี €"), "windows_1250": ("cp1250", "Łódź – €"), "windows_1251": ("cp1251", "Привет – €"),
    "windows_1252": ("cp1252", "don’t – 50 €"), "windows_1253": ("cp1253", "Γειά – €"), "windows_1254": ("cp1254", "İğş – €"), "windows_1255": ("cp1255", "שלום – ₪"),
    "windows_1256": ("cp1256", "مرحبا – €"), "windows_1257": ("cp1257", "Žąė – €"), "windows_1258": ("cp1258", "Chào – ₫"), "x_mac_cyrillic": ("mac-cyrillic", "Привет €"),
    "GB18030": ("gb18030", "朱镕基 订单"), "Big5": ("big5", "訂單"), "EUC_JP": ("euc-jp", "注文"), "ISO_2022_JP": ("iso-2022-jp", "注文"), "Shift_JIS": ("cp932", "①髙橋 ｱ"),
    "EUC_KR": ("cp949", "안녕 똠방각하"), "UTF_16BE": ("utf-16-be", "Grüße €"), "UTF_16LE": ("utf-16-le", "Grüße €"), "ISO_2022_KR": ("iso-2022-kr", "안녕"),
    "ISO_2022_CN": (None, None), "UTF_7": ("utf-7", "Grüße €")}
rows = re.findall(r'^(?:CHARSET|BEYOND)\((\w+), "[^"]*", "([^"]*)"\)', open(charsets).read(), re.M)
if {name for name, _ in rows} != set(SAMPLES): fail("charsets without a sample here:", {name for name, _ in rows} ^ set(SAMPLES))
labels = [(label, *SAMPLES[name]) for name, known in rows for label in known.split() + known.upper().split()[:1] if SAMPLES[name][0]]
# Labels that nobody knows, of charsets that only iconv knows, and bytes that a converter refuses.
labels += [(label, "utf-8", "Grüße") for label in ("x-unknown", "unknown-8bit", "UTF_8", "utf-8mb4", '"', "a" * 300, "utf-8//TRANSLIT")]
labels += [("cp850", "cp850", "Grüße"), ("cp437", "cp437", "Grüße"), ("x-unknown", "cp1252", "Grüße – €")]
mails = [b"From: a@example.org\nContent-Transfer-Encoding: base64\nContent-Type: text/plain; charset=%s\n\n%s\n" % (label.encode(), base64.b64encode(text.encode(codec))) for label, codec, text in labels]
right = 0
for (label, codec, text), ours in zip(labels, framed(mails)):
    read = unicodedata.normalize("NFC", ours["text"].rstrip("\n"))
    right += read == unicodedata.normalize("NFC", text)
    if read != unicodedata.normalize("NFC", text): fail(f"charset {label}: read {read!r}, should be {text!r}")
print(f"{right} of {len(labels)} labels of charsets read as a browser reads them")
print(f"{len(ROWS)} mails, of which a second parser reads {same} the same")
sys.exit(bad > 0)
