"""Ships a function to Google Cloud Functions (2nd generation), whose revisions and traffic are Cloud Run's."""
