//! A report as the server takes it.

use activity::{CodecError, Failure, Payload, Report};

use super::{PayloadCoding, bounds, explained};

impl PayloadCoding {
    /// What is sent for `report`: cut to what the server takes, and encoded.
    ///
    /// # Errors
    /// When it can't be encoded: with the failure that is reported instead.
    pub(crate) async fn encode_report(&self, report: Report) -> Result<Report, Box<Failure>> {
        match report {
            Report::Completed(output) => self.encode_result(output).await,
            Report::Failed(failure) => {
                let encoded = self.encode_failure(bounds::bounded(*failure)).await;
                encoded.map(|failure| Report::Failed(Box::new(failure))).map_err(|error| Box::new(unreported(&error)))
            }
            Report::Cancelled(details) => match self.encode(details).await {
                Ok(details) => Ok(Report::Cancelled(details)),
                Err(error) => {
                    tracing::warn!(%error, "the details of a cancellation were left out, as they could not be encoded");
                    Ok(Report::Cancelled(Vec::new()))
                }
            },
            Report::WillCompleteAsync | Report::TimedOut | Report::Abandoned => Ok(report),
        }
    }

    async fn encode_result(&self, output: Payload) -> Result<Report, Box<Failure>> {
        let encoded = self.encode(vec![output]).await;
        let error = match encoded.map(|payloads| payloads.into_iter().next()) {
            Ok(Some(output)) => return Ok(Report::Completed(output)),
            Ok(None) => CodecError::Broken { reason: "the codec returned nothing" },
            Err(error) => error,
        };
        let failure = explained(&error);
        let failure = Failure { message: format!("Failed encoding the result: {}", failure.message), ..failure };
        // With attributes to be encoded, this text needs the codec as well.
        Err(Box::new(self.encode_failure(failure).await.unwrap_or_else(|error| unreported(&error))))
    }
}

/// What Temporal's Python worker reports for a failure that it can't: nothing of it that should have been encoded.
fn unreported(error: &CodecError) -> Failure {
    Failure::application("", format!("Failed building exception result: failed to {error}"))
}
