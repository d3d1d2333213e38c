"""Mails and text messages: written in the transaction of their cause, sent after it."""
