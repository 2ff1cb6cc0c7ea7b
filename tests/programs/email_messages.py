# email: building, parsing, multipart, headers of other scripts, attachments, addresses, quoted-printable.
import email
import email.policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, getaddresses, parsedate_to_datetime
import mimetypes
import quopri
message = EmailMessage()
message["Subject"] = "Grüße aus 東京"
message["From"] = formataddr(("Jürgen", "j@example.org"))
message["To"] = "a@example.org, B <b@example.org>"
message.set_content("Hello\nwörld\n")
message.add_alternative("<p>Hello</p>", subtype="html")
message.add_attachment(b"\x00\x01\x02", maintype="application", subtype="octet-stream", filename="data.bin")
message.set_boundary("outer")
raw = message.as_bytes()
back = email.message_from_bytes(raw, policy=email.policy.default)
print(back["subject"], "|", back["from"], "|", [a.addr_spec for a in back["to"].addresses])
for part in back.walk():
    print(part.get_content_type(), part.get_filename())
print(repr(back.get_body(("plain",)).get_content()), next(back.iter_attachments()).get_content())
print([line for line in raw.decode().splitlines() if line.startswith(("Subject", "From"))])
print(parsedate_to_datetime("Mon, 20 Nov 1995 19:12:08 -0500"), format_datetime(parsedate_to_datetime("Fri, 01 Jan 2021 00:00:00 GMT")))
print(getaddresses(["A <a@x>, b@y"]), mimetypes.guess_type("a.tar.gz"), quopri.encodestring("é=".encode()), email.message_from_string("A: 1\n\nbody").get_payload())
