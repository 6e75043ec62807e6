"""The example conversations of the documents, typed in as data; see bg95.py for the form."""
