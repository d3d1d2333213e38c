"""Who users are: applications, documents, reviews, and a provider that checks identities."""
