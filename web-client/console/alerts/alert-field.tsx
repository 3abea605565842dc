import { cloneElement, type JSX } from "preact";
import { useId } from "preact/hooks";

interface AlertFieldProps {
  readonly label: string;
  readonly hint?: string;
  /** Validation message. */
  readonly problem: string | undefined;
  /** The form control. */
  readonly children: JSX.Element;
}

/** A form control with its label, and a hint or validation message below it. */
export const AlertField = ({ label, hint, problem, children }: AlertFieldProps): JSX.Element => {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div class="alert-field">
      <label class="label" for={id}>
        {label}
      </label>
      {cloneElement(children, {
        id,
        "aria-invalid": problem !== undefined,
        "aria-describedby": note === undefined ? undefined : `${id}-note`,
      })}
      {note !== undefined && (
        <span
          id={`${id}-note`}
          class={problem === undefined ? "muted" : "error-message"}
          role={problem === undefined ? undefined : "alert"}
        >
          {note}
        </span>
      )}
    </div>
  );
};
