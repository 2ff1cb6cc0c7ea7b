# Connects with the other network clients of the library. Ends: held
import ftplib
import http.client
import poplib
import smtplib
import webbrowser

for attempt in (lambda: http.client.HTTPConnection("127.0.0.1").request("GET", "/"), lambda: smtplib.SMTP("127.0.0.1"), lambda: ftplib.FTP("127.0.0.1"), lambda: poplib.POP3("127.0.0.1"), lambda: webbrowser.get().open("x") or 1 / 0):
    try:
        attempt()
        print("escaped:", attempt)
    except (OSError, ArithmeticError, webbrowser.Error):
        pass
print("held")
