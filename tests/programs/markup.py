# XML and HTML: ElementTree, minidom, sax, html.parser, escaping, and an entity bomb that is refused.
import html
import io
import xml.etree.ElementTree as ET
import xml.sax
from html.parser import HTMLParser
from xml.dom import minidom
source = '<?xml version="1.0" encoding="utf-8"?><shop xmlns:x="urn:x"><item id="1">Äpfel &amp; more</item><item id="2" x:k="v"/><!-- c --></shop>'
root = ET.fromstring(source.encode())
print(root.tag, [(item.get("id"), item.text, item.attrib) for item in root.iter("item")], root.find("item[@id='2']").keys())
new = ET.SubElement(root, "item", id="3")
new.text = "<&>"
ET.indent(root)
print(ET.tostring(root, encoding="unicode"))
try:
    ET.fromstring("<a><b></a>")
except ET.ParseError as error:
    print(error)
for event, element in ET.iterparse(io.BytesIO(b"<r><a/><b>t</b></r>"), events=("start", "end")):
    print(event, element.tag, end="; ")
print(minidom.parseString("<a><b k='v'>t</b></a>").documentElement.toprettyxml(indent=" "))
class Sax(xml.sax.ContentHandler):
    def startElement(self, name, attrs):
        print("start", name, dict(attrs))
xml.sax.parseString(b"<a x='1'><b/></a>", Sax())
class Links(HTMLParser):
    def handle_starttag(self, tag, attrs):
        print(tag, attrs)
    def handle_data(self, data):
        print(repr(data))
Links().feed('<p class=x>Hi <a href="/a?b=1&amp;c">link</a><br/>&eacute;</p>')
print(html.escape("<a href='x'>&"), html.unescape("&lt;&eacute;&#128013;&notit;"))
bomb = '<!DOCTYPE b [<!ENTITY a "' + "a" * 1000 + '">' + "".join(f'<!ENTITY {chr(98+i)} "{("&" + chr(97+i) + ";") * 20}">' for i in range(6)) + "]><b>&g;</b>"
try:
    ET.fromstring(bomb)
except ET.ParseError as error:
    print("refused:", str(error).split(":")[0])
